"""What an image's name stands for: a function, a program in another process, an idle container, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from galileo_emulation.specification import GATEWAY_IMAGE, LOAD_CLIENT_IMAGE, FunctionSpec


class OtherImage(Enum):
    """Images that are no functions."""

    GATEWAY = "gateway"
    LOAD_CLIENT = "load client"
    IDLE = "idle"


ImageKind = FunctionSpec | OtherImage


def canonical_image(image: str) -> str:
    """The image's name without the default registry, with its tag: `docker.io/library/a` is `a:latest`."""
    name = image.removeprefix("docker.io/").removeprefix("library/")
    has_tag = ":" in name.rsplit("/", 1)[-1] or "@" in name
    return name if has_tag else f"{name}:latest"


class ContainerImages:
    """The images that this world's registry holds."""

    def __init__(self, functions: Iterable[FunctionSpec], idle_images: Iterable[str]) -> None:
        self._kinds: dict[str, ImageKind] = {canonical_image(image): OtherImage.IDLE for image in idle_images}
        self._kinds |= {canonical_image(function.image): function for function in functions}

    def kind_of(self, image: str) -> ImageKind | None:
        """What runs in a container of the image; None if there is no such image."""
        name = canonical_image(image)
        repository = name.rsplit(":", 1)[0]
        if repository == GATEWAY_IMAGE:
            return OtherImage.GATEWAY
        if repository == LOAD_CLIENT_IMAGE:
            return OtherImage.LOAD_CLIENT
        return self._kinds.get(name)

    def missing(self, images: Iterable[str]) -> str | None:
        """One line about the first image that does not exist, or None."""
        for image in images:
            if self.kind_of(image) is None:
                known = ", ".join(sorted([*self._kinds, GATEWAY_IMAGE, LOAD_CLIENT_IMAGE]))
                return f'image "{image}": not found in this world; known are {known}'
        return None
