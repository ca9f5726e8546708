"""When a container's image is on its node, and what is said about it: in the kubelet's reasons and words."""

from __future__ import annotations

from dataclasses import dataclass

from galileo_emulation.kubelets.container_images import OtherImage, canonical_image, is_image_name
from galileo_emulation.kubelets.container_life import Life
from galileo_emulation.kubelets.container_need import ContainerNeed
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.restart_backoff import as_text
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.specification import FunctionSpec


@dataclass(frozen=True, slots=True)
class ImagePulls:
    """The image of one container on one node. Pulled once, it is there for all containers of the node.

    With the policy Always, a real kubelet asks the registry at every start, which is quick when nothing has changed:
    here it takes no time.
    """

    need: ContainerNeed
    node: NodeRuntime
    world: Surroundings

    def ready_at(self, now: float) -> float | None:
        """When the image is there; asking starts the pull. None: it will never be."""
        image, kind = self.need.image, self.world.images.kind_of(self.need.image)
        if kind is None:
            return None
        if kind in (OtherImage.GATEWAY, OtherImage.LOAD_CLIENT):
            return now
        if isinstance(kind, FunctionSpec) and kind.is_local:
            return now
        name = canonical_image(image)
        if self.need.pull_policy == "Never":
            return now if self.node.has_image(name, now=now) else None
        return self.node.image_ready_at(name, now=now, pull_s=self.world.spec.image_pull_s)

    @property
    def failure(self) -> tuple[str, str]:
        """Reason and message of an image that will not be there."""
        image = self.need.image
        missing = self.world.images.missing([image])
        if missing is None:
            return "ErrImageNeverPull", f'Container image "{image}" is not present with pull policy of Never'
        return ("ErrImagePull", missing) if is_image_name(image) else ("InvalidImageName", missing)

    @property
    def failure_event(self) -> tuple[str, str]:
        """Reason and message of the event that a pull failed."""
        reason, message = self.failure
        if reason == "ErrImagePull":
            return "Failed", f'Failed to pull image "{self.need.image}": {message}'
        return ("Failed" if reason == "InvalidImageName" else reason), message

    def waiting(self) -> tuple[str, str]:
        """Reason and message while the kubelet waits before it pulls again."""
        reason, message = self.failure
        if reason != "ErrImagePull":
            return reason, message
        return "ImagePullBackOff", f'Back-off pulling image "{self.need.image}": ErrImagePull: {message}'

    def done_text(self, pulling: Life) -> str:
        """The message of the event that the image is there."""
        took_s = pulling.until - pulling.since
        if took_s <= 0.0:
            return f'Container image "{self.need.image}" already present on machine'
        took = as_text(took_s)
        return f'Successfully pulled image "{self.need.image}" in {took} ({took} including waiting)'
