"""What every controller is given: the cluster to read and to write, the time, and the settings."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from galileo_emulation.controllers.event_correlation import EventCorrelation
from galileo_emulation.controllers.events import EventRecorder
from galileo_emulation.controllers.informer import Informers
from galileo_emulation.controllers.settings import ControllerSettings
from galileo_emulation.kubernetes.apiobjects import timestamp
from galileo_emulation.kubernetes.in_process import InProcessClient
from galileo_emulation.kubernetes.node_access import NodeAccess
from galileo_emulation.kubernetes.operations.creation import Admission
from galileo_emulation.kubernetes.storage.catalog import Catalog
from galileo_emulation.kubernetes.storage.store import Store


@dataclass(frozen=True)
class Cluster:
    """The cluster as controllers see it. `now` gives Unix seconds; `nodes` tell what pods use, where anybody does."""

    store: Store
    api: InProcessClient
    informers: Informers
    settings: ControllerSettings
    correlation: EventCorrelation | None
    nodes: NodeAccess | None

    @classmethod
    def over(
        cls, store: Store, settings: ControllerSettings, admit: Admission, nodes: NodeAccess | None = None
    ) -> Cluster:
        """The cluster of a store."""
        return cls(
            store=store,
            api=InProcessClient(store, admit=admit),
            informers=Informers(store),
            settings=settings,
            correlation=EventCorrelation() if settings.events else None,
            nodes=nodes,
        )

    @property
    def now(self) -> Callable[[], float]:
        """The clock, in Unix seconds."""
        return self.store.now

    @property
    def moment(self) -> str:
        """The present as the API writes times."""
        return timestamp(self.store.now())

    @property
    def rng(self) -> random.Random:
        """The run's randomness."""
        return self.store.rng

    @property
    def catalog(self) -> Catalog:
        """The kinds that there are at present."""
        return self.store.catalog

    def recorder(self, component: str) -> EventRecorder:
        """What writes the events of a component."""
        return EventRecorder(self.store, component, self.correlation)
