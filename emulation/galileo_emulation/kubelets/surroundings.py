"""What every pod's kubelet needs of the world around it, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from galileo_emulation.kubelets.container_images import ContainerImages
from galileo_emulation.kubelets.external_use import ExternalUse
from galileo_emulation.kubelets.function_crashes import FunctionCrashes
from galileo_emulation.kubelets.pod_api import PodApi
from galileo_emulation.network.addresses import AddressPlan
from galileo_emulation.network.relay_delay import RelayDelay
from galileo_emulation.specification import WorldSpec


@dataclass(frozen=True)
class Surroundings:
    """`now` is unix time in seconds; timers go by the event loop's clock.

    `output_folder` gets a file with the output of each local function's container; None: it is kept in memory alone.
    """

    spec: WorldSpec
    api: PodApi
    images: ContainerImages
    addresses: AddressPlan
    delay: RelayDelay
    now: Callable[[], float]
    crashes: FunctionCrashes
    external: ExternalUse
    output_folder: Path | None = None
