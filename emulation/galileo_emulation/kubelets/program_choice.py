"""Which program runs in a container: chosen by its image and its command."""

from __future__ import annotations

import random

from galileo_schemas.local_image import parse_local_image

from galileo_emulation.functions.function_server import FunctionServer
from galileo_emulation.kubelets.bound_pod import BoundPod
from galileo_emulation.kubelets.container_images import OtherImage
from galileo_emulation.kubelets.container_need import ContainerNeed
from galileo_emulation.kubelets.container_programs import (
    ContainerProgram,
    ExternalProgram,
    IdleProgram,
    ProgramHost,
    relays_for,
)
from galileo_emulation.kubelets.external_use import CLIENTS, GATEWAYS, CountingDelay, ExternalShare
from galileo_emulation.kubelets.function_program import FunctionProgram
from galileo_emulation.kubelets.local_program import LocalProgram
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.probes import HttpGet
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.network.addresses import PodAddress
from galileo_emulation.specification import FunctionSpec

GATEWAY_PROBE_PERIOD_S = 0.2


def relayed_ports(need: ContainerNeed, world: Surroundings) -> tuple[int, ...]:
    """The ports that get a relay: those declared; a function answers on its first, or on the usual one."""
    kind = None if need.script is not None else world.images.kind_of(need.image)
    if isinstance(kind, FunctionSpec):
        return need.ports[:1] or (world.addresses.function_port,)
    return need.ports if kind in (OtherImage.GATEWAY, OtherImage.LOAD_CLIENT) else ()


def choose_program(
    pod: BoundPod,
    need: ContainerNeed,
    host: ProgramHost,
    *,
    container_id: str,
    run: int,
    address: PodAddress,
    node: NodeRuntime,
    world: Surroundings,
) -> ContainerProgram:
    """The program of a container that is about to start for the `run`-th time. A command that is understood is what
    runs, whatever the image."""
    kind = world.images.kind_of(need.image)
    ports, name = relayed_ports(need, world), node.spec.name
    if need.script is not None or kind in (OtherImage.IDLE, None):
        return IdleProgram(host, image=need.image, script=need.script)
    if isinstance(kind, FunctionSpec) and kind.is_local:
        return LocalProgram(
            host,
            parse_local_image(kind.image),
            address=address,
            container_port=ports[0],
            node=name,
            delay=world.delay,
            environment={"POD_NAME": pod.name, "NODE_NAME": name, **need.environment},
            charge=lambda cpu_s: node.cpu.charge(container_id, cpu_s),
        )
    counting = CountingDelay(world.delay)
    relays = relays_for(address, ports, node=name, delay=world.delay if isinstance(kind, FunctionSpec) else counting)
    if isinstance(kind, FunctionSpec):
        return FunctionProgram(
            host,
            lambda out_of_memory: FunctionServer(
                kind,
                container_id=container_id,
                pod=pod.name,
                node=name,
                cpu=node.cpu,
                rng=random.Random(f"{world.spec.seed}/{pod.name}/{run}"),
                now=world.now,
                ended=host.request_ended,
                out_of_memory=out_of_memory,
                log=host.log,
                probe_paths=_probe_paths(need),
            ),
            relays[ports[0]],
            container_port=ports[0],
            serve_after_s=kind.start_s,
        )
    gateway = kind is OtherImage.GATEWAY
    share = ExternalShare(
        GATEWAYS if gateway else CLIENTS,
        node.spec.zone,
        counting,
        charge=lambda cpu_s: node.cpu.charge(container_id, cpu_s),
    )
    period_s = GATEWAY_PROBE_PERIOD_S if gateway else None
    return ExternalProgram(host, relays, share=share, external=world.external, probe_period_s=period_s)


def _probe_paths(need: ContainerNeed) -> frozenset[str]:
    return frozenset(probe.action.path for probe in need.probes if isinstance(probe.action, HttpGet))
