"""A watch that outlives its connections: list, then stream from the next revision, for as long as anyone reads.

    list ──► Snapshot ──► stream(revision + 1) ──► Put, Delete, …
      ▲                        │   ▲
      │ compacted, other store │   │ broken: back off, next endpoint, same revision + 1
      └────────────────────────┘───┘

What a message means is decided in position.py; here it is only obeyed.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from galileo_backends.etcd.backoff import CAP_S, delay_s
from galileo_backends.etcd.errors import EtcdRefused, EtcdUnavailable
from galileo_backends.etcd.interface import Change, KeyValue, Snapshot
from galileo_backends.etcd.position import ListAgain, Position, WatchBroken, WatchDenied
from galileo_backends.etcd.wire import WatchAnswer

logger = logging.getLogger(__name__)


class Watchable(Protocol):
    """What a watch needs of an etcd client."""

    @property
    def cluster_id(self) -> str | None: ...
    async def get_prefix(self, prefix: str) -> tuple[list[KeyValue], int]: ...
    def stream(self, prefix: str, *, start_revision: int) -> AsyncGenerator[WatchAnswer, None]: ...
    async def forget_token(self) -> None: ...


class _Outage:
    """Counts attempts that failed one after the other: the wait grows with them, and each outage is logged once."""

    def __init__(self, prefix: str, rng: random.Random) -> None:
        self._prefix = prefix
        self._rng = rng
        self._attempt = 0

    async def wait(self, why: object, *, lived_s: float) -> None:
        """Backs off after a stream that lived for so long; one that lived longer than the cap ends the old outage."""
        if lived_s > CAP_S:
            self._attempt = 0
        level = logging.WARNING if self._attempt == 0 else logging.DEBUG
        logger.log(level, "watch of etcd %s interrupted, going on: %s", self._prefix, why)
        await asyncio.sleep(delay_s(self._attempt, rng=self._rng))
        self._attempt += 1


async def watch_prefix(etcd: Watchable, prefix: str, *, rng: random.Random) -> AsyncGenerator[Change, None]:
    """See Etcd.watch_prefix."""
    now = asyncio.get_running_loop().time
    outage = _Outage(prefix, rng)
    position: Position | None = None
    denied = False
    while True:
        opened_s = now()
        try:
            if position is None:
                items, revision = await etcd.get_prefix(prefix)
                position = Position(revision, etcd.cluster_id)
                yield Snapshot(items, revision)
                opened_s = now()
            async with aclosing(etcd.stream(prefix, start_revision=position.revision + 1)) as answers:
                async for answer in answers:
                    changes = position.take(answer)
                    denied = False
                    for change in changes:
                        yield change
            continue
        except ListAgain as reason:
            position = None
            await outage.wait(reason, lived_s=now() - opened_s)
        except WatchDenied as reason:
            # The token may only have grown old; if a new one is denied as well, etcd means it.
            if denied:
                raise EtcdRefused(0, str(reason), request=f"a watch of {prefix}") from reason
            denied = True
            await etcd.forget_token()
        except (WatchBroken, EtcdUnavailable) as reason:
            await outage.wait(reason, lived_s=now() - opened_s)
