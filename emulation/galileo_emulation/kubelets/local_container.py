"""What a kubelet does for a local function's container alone: keeps its output in a file, tells of its crashes."""

from __future__ import annotations

from pathlib import Path

from galileo_emulation.functions.output_file import OutputFile
from galileo_emulation.kubelets.bound_pod import BoundPod
from galileo_emulation.kubelets.container_exit import OUT_OF_MEMORY, Exit
from galileo_emulation.kubelets.container_need import ContainerNeed
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.specification import FunctionSpec


class LocalContainer:
    """A container whose process runs a file of `function`. `output` is None where output goes to no file."""

    def __init__(self, function: str, pod: BoundPod, container: str, world: Surroundings) -> None:
        self._function = function
        self._pod = pod
        self._crashes = world.crashes
        folder = world.output_folder
        # Named as a container runtime names its files, by pod, namespace and container.
        path = None if folder is None else folder / f"{pod.name}_{pod.namespace}_{container}.log"
        self.output = None if path is None else OutputFile(path)

    def ready(self) -> None:
        """It answers."""
        self._crashes.note_ready(self._function)

    def ended(self, end: Exit, *, last_words: str) -> None:
        """Its process ended, and nobody had asked it to."""
        if end is OUT_OF_MEMORY:
            self._crashed("it used more memory than its limit")
        else:
            self._crashed(last_words or f"its process ended with exit code {end.code} and said nothing")

    def not_started(self, error: str) -> None:
        """Its process could not be started."""
        self._crashed(error)

    def _crashed(self, why: str) -> None:
        path: Path | None = None if self.output is None else self.output.path
        self._crashes.note_crash(self._function, pod=self._pod.name, pod_uid=self._pod.uid, why=why, log_file=path)


def local_container(pod: BoundPod, need: ContainerNeed, world: Surroundings) -> LocalContainer | None:
    """None for a container that runs in the emulation itself."""
    kind = world.images.kind_of(need.image)
    if need.script is not None or not isinstance(kind, FunctionSpec) or not kind.is_local:
        return None
    return LocalContainer(kind.name, pod, need.name, world)
