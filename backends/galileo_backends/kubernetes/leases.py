"""Leader election on Lease objects of the Kubernetes API, with the epoch fenced on the bus.

    get → whose, and has it changed lately? → patch with its resourceVersion → put up the fence → leading

No clock but our own is trusted: a lease has run out when we have seen it unchanged for as long as it says, whatever its
`renewTime` reads. `leaseTransitions` is the epoch. It begins anew when somebody deletes the object; the fence on the
bus then shows a later epoch than the object, and the next one is counted on from there.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from galileo_bus.election.leases import PREFIX, Fences, Grant, Held, LeasesUnavailableError, fence_of

from galileo_backends.kubernetes.errors import AlreadyExists, ApiError, Conflict, NotFound
from galileo_backends.kubernetes.interface import JsonObject, Kubernetes
from galileo_backends.kubernetes.resources import LEASES


@dataclass(frozen=True, slots=True)
class _Seen:
    """A lease as it was when it was last seen to change, and when that was by our clock."""

    record: tuple[object, ...]
    at: float


def lease_name(prefix: str, name: str) -> str:
    """The object's name, `<prefix>.<service>[.<zone>]`. Raises `ValueError` for what cannot be written so."""
    written = f"{prefix}/{name}".lower().replace("_", "-").replace("/", ".")
    if (
        not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", written)
        or len(written) > 253
    ):
        raise ValueError(f"{prefix}/{name}: cannot be the name of a Lease; expected letters, digits, - and _")
    return written


class KubernetesLeases:
    """`Leases` on an API server.

    Args:
        fences: where epochs are put up before their holder acts.
        namespace: of the Lease objects.
        clock: monotonic seconds.
        now: unix time in seconds, for what people read in the object.
    """

    def __init__(
        self,
        kubernetes: Kubernetes,
        fences: Fences,
        *,
        namespace: str,
        clock: Callable[[], float],
        now: Callable[[], float],
        prefix: str = PREFIX,
    ) -> None:
        self._kubernetes = kubernetes
        self._fences = fences
        self._namespace = namespace
        self._clock = clock
        self._now = now
        self._prefix = prefix
        self._seen: dict[str, _Seen] = {}

    async def acquire(self, name: str, holder: str, *, duration_s: float) -> Grant | Held:
        """See `Leases.acquire`."""
        try:
            return await self._acquire(name, holder, duration_s)
        except ApiError as error:
            raise LeasesUnavailableError(
                f"Lease {self._namespace}/{lease_name(self._prefix, name)}: {error}"
            ) from error

    async def renew(self, grant: Grant, *, duration_s: float) -> bool:
        """See `Leases.renew`."""
        try:
            while True:
                lease = await self._get(grant.name)
                if not _is_held(lease, grant):
                    return False
                try:
                    await self._patch(lease, {"renewTime": self._time(), "leaseDurationSeconds": math.ceil(duration_s)})
                except Conflict:
                    continue  # changed in between, perhaps by a person who labelled it: is it still ours?
                return True
        except NotFound:
            return False
        except ApiError as error:
            raise LeasesUnavailableError(str(error)) from error

    async def release(self, grant: Grant) -> None:
        """See `Leases.release`."""
        try:
            lease = await self._get(grant.name)
            if _is_held(lease, grant):
                await self._patch(lease, {"holderIdentity": None, "renewTime": self._time()})
        except (NotFound, Conflict):
            return
        except ApiError as error:
            raise LeasesUnavailableError(str(error)) from error

    async def _acquire(self, name: str, holder: str, duration_s: float) -> Grant | Held:
        try:
            lease = await self._get(name)
        except NotFound:
            return await self._create(name, holder, duration_s)
        spec = lease.get("spec") or {}
        by = spec.get("holderIdentity")
        free_in_s = self._free_in_s(name, lease)
        if by and by != holder and free_in_s > 0:
            return Held(by, free_in_s)
        epoch = int(spec.get("leaseTransitions") or 0) + (by != holder)
        return await self._take(name, lease, holder, epoch, duration_s)

    async def _create(self, name: str, holder: str, duration_s: float) -> Grant | Held:
        body = {
            "metadata": {"name": lease_name(self._prefix, name)},
            "spec": self._taken(holder, 1, duration_s),
        }
        try:
            lease = await self._kubernetes.create(LEASES, body, namespace=self._namespace)
        except AlreadyExists:
            return Held("", 0.0)  # somebody was faster; the next look tells who
        return await self._fenced(name, lease, holder, 1)

    async def _take(self, name: str, lease: JsonObject, holder: str, epoch: int, duration_s: float) -> Grant | Held:
        try:
            taken = await self._patch(lease, self._taken(holder, epoch, duration_s))
        except (Conflict, NotFound):
            return Held("", 0.0)
        return await self._fenced(name, taken, holder, epoch)

    async def _fenced(self, name: str, lease: JsonObject, holder: str, epoch: int) -> Grant | Held:
        """Puts the fence up. Where the bus knows a later epoch, the lease is counted on from it."""
        while True:
            fence = fence_of(name, epoch=epoch, holder=holder, prefix=self._prefix)
            later = await self._fences.put_up(fence)
            if later is None:
                return Grant(name, fence)
            epoch = later + 1
            try:
                lease = await self._patch(lease, {"leaseTransitions": epoch})
            except (Conflict, NotFound):
                return Held("", 0.0)  # the lease is somebody else's: it was our fence that came late

    def _free_in_s(self, name: str, lease: JsonObject) -> float:
        spec = lease.get("spec") or {}
        record = tuple(spec.get(field) for field in ("holderIdentity", "renewTime", "leaseTransitions"))
        seen = self._seen.get(name)
        if seen is None or seen.record != record:
            seen = self._seen[name] = _Seen(record, self._clock())
        return seen.at + float(spec.get("leaseDurationSeconds") or 1) - self._clock()

    def _taken(self, holder: str, epoch: int, duration_s: float) -> JsonObject:
        return {
            "holderIdentity": holder,
            "leaseDurationSeconds": math.ceil(duration_s),
            "acquireTime": self._time(),
            "renewTime": self._time(),
            "leaseTransitions": epoch,
        }

    def _time(self) -> str:
        return datetime.fromtimestamp(self._now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    async def _get(self, name: str) -> JsonObject:
        return await self._kubernetes.get(LEASES, lease_name(self._prefix, name), namespace=self._namespace)

    async def _patch(self, lease: JsonObject, spec: JsonObject) -> JsonObject:
        metadata = lease["metadata"]
        patch = {"metadata": {"resourceVersion": metadata["resourceVersion"]}, "spec": spec}
        return await self._kubernetes.patch(LEASES, metadata["name"], patch, namespace=self._namespace)


def _is_held(lease: JsonObject, grant: Grant) -> bool:
    spec = lease.get("spec") or {}
    held = (spec.get("holderIdentity"), int(spec.get("leaseTransitions") or 0))
    return held == (grant.fence.holder, grant.epoch)
