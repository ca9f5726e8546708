"""The service account controller: sees to it that every namespace has its account `default`.

Accounts have no tokens here, since the emulated API asks for none.
"""

from __future__ import annotations

from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.pod_facts import is_leaving
from galileo_emulation.controllers.pod_making import is_for_a_terminating_namespace
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.kinds import NAMESPACES, SERVICE_ACCOUNTS
from galileo_emulation.kubernetes.storage.history import Change

DEFAULT = "default"


class ServiceAccountController(Controller):
    """Makes default accounts. Its keys are namespaces."""

    name = "service-account"
    component = "serviceaccount-controller"

    def watch(self) -> None:
        """Namespaces, and accounts that go."""
        self.cluster.informers.of(NAMESPACES).on_change(lambda change: self.queue.add(change.key))
        self.cluster.informers.of(SERVICE_ACCOUNTS).on_change(self._account_changed)

    def _account_changed(self, change: Change) -> None:
        metadata = change.last.body["metadata"]
        if change.after is None and metadata["name"] == DEFAULT:
            self.queue.add(f"/{metadata['namespace']}")

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Make the account of one namespace."""
        home = self.api.get(NAMESPACES, name)
        if home is None or is_leaving(home) or self.api.get(SERVICE_ACCOUNTS, DEFAULT, name) is not None:
            return None
        try:
            await self.api.create(SERVICE_ACCOUNTS, {"metadata": {"name": DEFAULT, "namespace": name}})
        except ApiError as error:
            if error.reason != "AlreadyExists" and not is_for_a_terminating_namespace(error):
                raise
        return None
