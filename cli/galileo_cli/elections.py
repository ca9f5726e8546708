"""The settings of leader election, and where its leases are kept: on the bus, or as Lease objects of Kubernetes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from galileo_bus.election.leases import Leases
from galileo_bus.election.terms import Terms
from galileo_bus.service import SettingError, Settings, setting
from galileo_bus.service.election import Election, LeasesOn, election_on_the_bus
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport import Transport

_PREFIX = "galileo_election"


@dataclass(frozen=True)
class ElectionSettings(Settings):
    election: str = setting(
        "none",
        _PREFIX,
        doc="where the leader among a service's replicas is elected; none: every replica acts, so that there may be "
        "one only; lease: on Lease objects of Kubernetes",
        choices=("none", "redis", "lease"),
    )
    duration: float = setting(5.0, f"{_PREFIX}_lease", doc="s that leadership lasts when it is not renewed", above=0)
    renew_interval: float = setting(1.0, f"{_PREFIX}_renew_interval", doc="s from renewal to renewal", above=0)
    renew_deadline: float = setting(
        1.5, f"{_PREFIX}_renew_deadline", doc="s after which a call without an answer has failed", above=0
    )
    stop_within: float = setting(
        1.5,
        f"{_PREFIX}_stop_within",
        doc="s before the end of a lease that is not renewed, from which its holder stops its work; work that has not "
        "ended with the lease takes the process down",
        above=0,
    )
    try_interval: float = setting(
        0.5, f"{_PREFIX}_try_interval", doc="s from one try of a follower to the next", above=0
    )
    prefix: str = setting("galileo", f"{_PREFIX}_prefix", doc="leases are named <prefix>/<service>")
    namespace: str = setting("default", f"{_PREFIX}_namespace", doc="namespace of Lease objects")

    @property
    def terms(self) -> Terms:
        """Raises `SettingError` when they do not go together."""
        try:
            return Terms(
                duration_s=self.duration,
                renew_every_s=self.renew_interval,
                answer_within_s=self.renew_deadline,
                stop_within_s=self.stop_within,
                try_every_s=self.try_interval,
            )
        except ValueError as error:
            raise SettingError(f"{_PREFIX}_…: {error}") from None


def election_of(environ: Mapping[str, str]) -> Election | None:
    """How services of this process are elected; None for no election. Raises `SettingError`."""
    settings = ElectionSettings.load(environ)
    if settings.election == "none":
        return None
    if settings.election == "redis":
        return election_on_the_bus(settings.terms, prefix=settings.prefix)
    return Election(settings.terms, lambda runtime: _lease_objects(runtime, settings))


async def _lease_objects(runtime: Runtime, settings: ElectionSettings) -> LeasesOn:
    from galileo_backends.kubernetes.interface import Kubernetes
    from galileo_backends.kubernetes.leases import KubernetesLeases, lease_name
    from galileo_bus.election.on_the_bus import fences_on

    for service in [service for service in runtime.services if service.elected]:
        try:
            lease_name(settings.prefix, service.elected_for())
        except ValueError as error:
            raise SettingError(f"{_PREFIX}_prefix={settings.prefix}: {error}") from None
    kubernetes = await runtime.open_backend(Kubernetes)

    def leases_on(transport: Transport) -> Leases:
        return KubernetesLeases(
            kubernetes,
            fences_on(transport),
            namespace=settings.namespace,
            clock=asyncio.get_running_loop().time,
            now=runtime.now,
            prefix=settings.prefix,
        )

    return leases_on
