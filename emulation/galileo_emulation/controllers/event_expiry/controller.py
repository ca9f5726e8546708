"""Events are forgotten after a while, as Kubernetes' API server does with them, or a long run would be full of them."""

from __future__ import annotations

from galileo_emulation.controllers.controller import Controller
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kinds import EVENTS
from galileo_emulation.kubernetes.storage.history import Change


class EventExpiryController(Controller):
    """Deletes events that were last written `event_ttl_s` seconds ago. Its keys are events."""

    name = "event-expiry"

    def watch(self) -> None:
        """Events."""
        # When each event was last written, in Unix seconds; times within an event are what clients say.
        self._written_at: dict[str, float] = {}
        self.cluster.informers.of(EVENTS).on_change(self._event_changed)

    def _event_changed(self, change: Change) -> None:
        if change.after is None:
            self._written_at.pop(change.key, None)
            return
        known = change.key in self._written_at
        self._written_at[change.key] = self.cluster.now()
        if not known:
            self.queue.add_after(change.key, self.cluster.settings.event_ttl_s)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Delete one event when its time is over."""
        event, written_at = self.api.get(EVENTS, name, namespace), self._written_at.get(f"{namespace}/{name}")
        if event is None or written_at is None:
            return None
        left_s = written_at + self.cluster.settings.event_ttl_s - self.cluster.now()
        if left_s > 0:
            return left_s
        try:
            await self.api.delete(EVENTS, event)
        except ApiError as error:
            if not is_gone(error):
                raise
        return None
