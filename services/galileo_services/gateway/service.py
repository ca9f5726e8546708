"""The shell: a gateway fed by etcd (weights) and by the bus (which addresses are gateways, which functions there are).

It listens once it knows both. Without the weights it would refuse every function as unknown; without the gateways it
would ask another zone's gateway as if that were a pod, without the function's name, and pass on its 404.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import dataclass

from galileo_backends.etcd.interface import Delete, Etcd, Put, Snapshot
from galileo_backends.http import HttpClient
from galileo_bus.service import Service, SettingError, Settings, setting, watch
from galileo_context.cluster import Cluster
from galileo_context.feed import TOPOLOGY_EVENTS
from galileo_schemas.event import Event
from galileo_schemas.events import ClusterInventory, PodState, Resync
from galileo_schemas.frame import RawFrame
from galileo_schemas.wire_weights import zone_prefix

from galileo_services.gateway.gateway import Gateway


@dataclass(frozen=True)
class GatewaySettings(Settings):
    zone: str = setting("main", "gateway_zone", "eb_go_lb_zone", doc="the zone it serves")
    node: str = setting("", "gateway_node", "eb_go_lb_node_name", "HOSTNAME", doc="the node it runs on, for headers")
    host: str = setting("0.0.0.0", "gateway_listen_host", doc="address to listen on")
    port: int = setting(8080, "gateway_listen_port", "eb_go_lb_listen_port", doc="port to listen on", at_least=0)
    advertised: str = setting("", "gateway_advertised", doc="host:port by which others reach it")
    source_address: str | None = setting(
        None, "gateway_source_address", doc="address that outgoing connections are bound to; empty: any"
    )
    timeout: float = setting(30.0, "gateway_timeout", doc="s that a target has to answer", above=0)


class GatewayService(Service):
    """Serves `/function/<fn>/…` by weighted round robin."""

    name = "gateway"
    acts_by = "forwards requests"
    settings: GatewaySettings

    def requires(self) -> tuple[type[object], ...]:
        return (Etcd,)

    async def started(self) -> None:
        settings = self.settings
        if not settings.node:
            raise SettingError("gateway_node=: expected the name of the node that the gateway runs on")
        self._cluster = Cluster()
        self._pods_heard: set[str] = set()
        self._pods_listed: frozenset[str] | None = None
        self._weights_read = asyncio.Event()
        self._gateways_heard = asyncio.Event()
        self._listening = False
        self._gateway = Gateway(
            node=settings.node,
            zone=settings.zone,
            host=settings.host,
            port=settings.port,
            advertised=settings.advertised or f"{settings.host}:{settings.port}",
            client=HttpClient(local_address=settings.source_address, timeout_s=settings.timeout),
            now=self.now,
            timeout_s=settings.timeout,
        )

    async def joined(self) -> None:
        await self.bus.say(Resync(wants=["nodes", "pods"]))

    async def rejoined(self) -> None:
        await self.bus.say(Resync(wants=["nodes", "pods"]))

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._follow_weights(), self._serve()]

    def ready(self) -> str | None:
        if not self._weights_read.is_set():
            return "no weights were read from etcd yet"
        if not self._gateways_heard.is_set():
            return "not all pods of a cluster inventory were heard of yet: which of them are gateways is not known"
        return None if self._listening else "does not listen yet"

    def figures(self) -> dict[str, float]:
        return {name: float(count) for name, count in self._gateway.counts.items()}

    @watch(*TOPOLOGY_EVENTS)
    async def learn(self, event: Event, frame: RawFrame) -> None:
        if not self._gateways_heard.is_set():
            self._note_telling(event)  # first: also of a pod that cannot be read, which is no gateway for us
        self._cluster.note(event, frame.ts)
        self._gateway.set_gateways(self._cluster.gateway_addresses())
        self._gateway.table.set_known(self._cluster.functions)

    def _note_telling(self, event: Event) -> None:
        """An inventory may overtake the pods that it lists, or end a telling whose beginning was missed."""
        if isinstance(event, PodState):
            self._pods_heard.add(event.pod_uid)
        elif isinstance(event, ClusterInventory):
            self._pods_listed = frozenset(event.pods)
        if self._pods_listed is not None and self._pods_listed <= self._pods_heard:
            self._gateways_heard.set()

    async def _follow_weights(self) -> None:
        known: set[str] = set()
        async with aclosing(self.backend(Etcd).watch_prefix(zone_prefix(self.settings.zone))) as changes:
            async for change in changes:
                match change:
                    case Snapshot():
                        present = {item.key: item.value for item in change.items}
                        for key in known - present.keys():
                            self._gateway.apply(key, None)
                        for key, value in present.items():
                            self._gateway.apply(key, value)
                        known = set(present)
                        self._weights_read.set()
                    case Put():
                        self._gateway.apply(change.key, change.value)
                        known.add(change.key)
                    case Delete():
                        self._gateway.apply(change.key, None)
                        known.discard(change.key)

    async def _serve(self) -> None:
        """Once weights and gateways are known, so that nobody is refused after a restart for want of them."""
        await self._weights_read.wait()
        await self._gateways_heard.wait()
        await self._listen()
        await asyncio.Event().wait()  # requests are handled by tasks of the server's own, until the service stops

    async def _listen(self) -> None:
        host, port = self.settings.host, self.settings.port
        try:
            await self._gateway.start()
        except OSError as error:
            raise SettingError(
                f"gateway_listen_port={port}: cannot listen on {host}:{port} ({error.strerror}); "
                "expected a free port of an address of this machine"
            ) from None
        self._listening = True
        self.log.info("gateway of %s listens on %s:%d", self.settings.zone, host, self._gateway.port)

    async def stopping(self) -> None:
        await self._gateway.stop(grace_s=1.0)
