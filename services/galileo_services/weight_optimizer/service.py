"""The shell: learns the cluster from events, computes weights every reconcile interval and soon after pods change,
writes what changed to etcd, and says it.

etcd is written before the update is said: who hears of weights may rely on them being there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass

import msgspec
from galileo_backends.etcd.errors import EtcdError
from galileo_backends.etcd.interface import Etcd
from galileo_bus.service import Service, Settings, every, on, setting, watch
from galileo_context.cluster import Cluster
from galileo_context.feed import CLUSTER_EVENTS
from galileo_context.logistic import Logistic
from galileo_schemas.event import Event
from galileo_schemas.events import NodeUpdate, PodState, Resync, Weights, WeightUpdate
from galileo_schemas.frame import RawFrame
from galileo_schemas.labels import FUNCTION
from galileo_schemas.wire_weights import WEIGHTS_PREFIX, weights_key

from galileo_services.weight_optimizer.settings import Strategy, WeightSettings
from galileo_services.weight_optimizer.weights import ZoneAndFunction, changed, weights_for

_PREFIX = "osmotic_lb_opt"
KEYS_A_TRANSACTION = 100
RETRY_S = 1.0


@dataclass(frozen=True)
class WeightOptimizerSettings(Settings):
    strategy: str = setting(
        "threshold",
        f"{_PREFIX}_strategy",
        doc="how weights are found; frozen: the first ones stay",
        choices=(*(strategy.value for strategy in Strategy), "frozen"),
    )
    reconcile_interval: float = setting(10.0, f"{_PREFIX}_reconcile_interval", doc="s between runs", above=0)
    lookback: float = setting(15.0, f"{_PREFIX}_lookback", doc="s of telemetry that count", above=0)
    a: float = setting(250.0, f"{_PREFIX}_a", doc="upper end of the logistic curve", above=0)
    b: float = setting(1.0, f"{_PREFIX}_b", doc="lower end of the logistic curve")
    c: float = setting(0.2, f"{_PREFIX}_c", doc="steepness of the logistic curve, per ms")
    midpoint: float = setting(35.0, f"{_PREFIX}_midpoint", doc="midpoint of the logistic curve, ms")
    offset: float = setting(0.0, f"{_PREFIX}_offset", doc="share by which the midpoint is lowered")
    pod_change_delay: float = setting(
        0.2, "weight_optimizer_pod_change_delay", doc="s after a pod changed that weights follow", at_least=0
    )


class WeightOptimizer(Service):
    """Says `weight_update`; acts on etcd."""

    name = "weight_optimizer"
    elected = True
    settings: WeightOptimizerSettings

    def requires(self) -> tuple[type[object], ...]:
        return (Etcd,)

    async def started(self) -> None:
        self._etcd = self.backend(Etcd)
        self._cluster = Cluster()
        self._written: dict[ZoneAndFunction, Weights] | None = None
        self._causes: dict[str, str] = {}
        self._pod_changed = asyncio.Event()
        self._informed = False
        self._etcd_failed = False
        self._trouble: str | None = "no cluster inventory heard yet"
        self._deciding = asyncio.Lock()
        settings = self.settings
        self._weight_settings = WeightSettings(
            strategy=Strategy.THRESHOLD if settings.strategy == "frozen" else Strategy(settings.strategy),
            lookback_s=settings.lookback,
            logistic=Logistic(
                a=settings.a, b=settings.b, c=settings.c, midpoint_ms=settings.midpoint, offset=settings.offset
            ),
        )

    async def joined(self) -> None:
        await self.bus.say(Resync())

    async def leading(self) -> None:
        """Another may have written since we last did: etcd is read anew."""
        self._written = None
        self._pod_changed.set()

    async def rejoined(self) -> None:
        await self.bus.say(Resync())

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._follow_pods()]

    def ready(self) -> str | None:
        return self._trouble

    @watch(*CLUSTER_EVENTS)
    async def learn(self, event: Event, frame: RawFrame) -> None:
        if isinstance(event, NodeUpdate) and self._changes_readiness(event):
            self._pod_changed.set()  # its pods are out of reach, or back
        self._cluster.note(event, frame.ts)
        if not self._informed and self._cluster.complete:
            self._informed = True
            self._pod_changed.set()

    def _changes_readiness(self, event: NodeUpdate) -> bool:
        known = self._cluster.node(event.name)
        return known is not None and known.ready != (event.ready and event.present)

    @on(*(kind for kind in CLUSTER_EVENTS if issubclass(kind, PodState)))
    async def note_pod(self, pod: PodState) -> None:
        fn = pod.labels.get(FUNCTION)
        if fn is not None and pod.meta is not None:
            self._causes[fn] = pod.meta.id
        self._pod_changed.set()

    async def _follow_pods(self) -> None:
        while True:
            await self._pod_changed.wait()
            # Several changes come together; and while etcd is away there is no hurry.
            await asyncio.sleep(RETRY_S if self._etcd_failed else self.settings.pod_change_delay)
            self._pod_changed.clear()
            await self.reconcile()

    @every("reconcile_interval")
    async def reconcile(self) -> None:
        """Not before all pods are known: weights without those not heard of yet would take them out."""
        if not self._informed:
            return
        async with self._deciding:
            try:
                await self._reconcile()
                self._trouble, self._etcd_failed = None, False
            except EtcdError as error:
                self._etcd_failed = True
                self._pod_changed.set()  # tried again soon: a gateway may still ask pods that are gone
                if self._trouble != str(error):
                    self.log.error("weights stay as they are: %s", error)
                self._trouble = str(error)

    async def _reconcile(self) -> None:
        if self._written is None:
            self._written = await self._read_written()
        written = self._written
        wanted = weights_for(self._cluster, self._weight_settings, self.now())
        tolerance = self._weight_settings.tolerance
        puts = {
            place: weights
            for place, weights in wanted.items()
            if weights is not None and changed(written.get(place), weights, tolerance) and not self._frozen(place)
        }
        places = list(puts)
        for start in range(0, len(places), KEYS_A_TRANSACTION):
            batch = places[start : start + KEYS_A_TRANSACTION]
            await self._etcd.put_all({weights_key(*place): msgspec.json.encode(puts[place]) for place in batch})
            for place in batch:
                written[place] = puts[place]
                await self._say(place, puts[place])
        for place in [place for place, weights in wanted.items() if weights is None and place in written]:
            # Pods that run are only out of reach while no other zone's gateway is ready. Gateways come back sooner than
            # this is noticed, and one that finds no key then refuses what it should serve.
            if self._frozen(place) or self._cluster.running(place[1]):
                continue
            await self._etcd.delete(weights_key(*place))
            del written[place]
            await self._say(place, Weights(ips=[], weights=[]))

    def _frozen(self, place: ZoneAndFunction) -> bool:
        """Frozen weights are written once, when a function first appears in a zone; for comparisons."""
        return self.settings.strategy == "frozen" and self._written is not None and place in self._written

    async def _say(self, place: ZoneAndFunction, weights: Weights) -> None:
        zone, fn = place
        cause = (self._causes[fn],) if fn in self._causes else ()
        await self.bus.say(WeightUpdate(fn=fn, zone=zone, weights=weights), cause=cause)

    async def _read_written(self) -> dict[ZoneAndFunction, Weights]:
        """What etcd holds when we start; what cannot be read counts as absent and is written anew."""
        found: dict[ZoneAndFunction, Weights] = {}
        items, _revision = await self._etcd.get_prefix(WEIGHTS_PREFIX)
        for item in items:
            zone, _, fn = item.key.removeprefix(WEIGHTS_PREFIX).partition("/")
            try:
                weights = msgspec.json.decode(item.value, type=Weights)
            except msgspec.MsgspecError as error:
                self.log.warning("etcd %s is replaced: %s", item.key, error)
                continue
            if len(weights.ips) != len(weights.weights):
                self.log.warning("etcd %s is replaced: expected one weight for each of its ips", item.key)
                continue
            found[zone, fn] = weights
        return found
