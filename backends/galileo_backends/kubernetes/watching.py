"""List and watch: a picture of all objects, then every change to it, whatever happens to the connections.

    list ──► ListSnapshot ──► watch(resourceVersion) ──► WatchEvent, …
      ▲                          │   ▲
      │ 410                      │   │ ended, broke, fell silent: wait (retry.py), same resourceVersion
      └──────────────────────────┘───┘

A watch asks the API server to end it after a few minutes and to send bookmarks meanwhile, so that its position stays
fresh where nothing happens. One that stays silent for longer than a bookmark should take is opened anew: a connection
whose other end is gone looks the same as a cluster at rest.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from galileo_backends.kubernetes.errors import ApiError, ServerUnavailable, TooManyRequests
from galileo_backends.kubernetes.interface import JsonObject, ListSnapshot, WatchEvent
from galileo_backends.kubernetes.position import Position, must_list_again
from galileo_backends.kubernetes.retry import Retry
from galileo_backends.kubernetes.stream import BrokenStream

logger = logging.getLogger(__name__)


class Watched(Protocol):
    """A collection of objects that can be listed and watched; the client gives one for each list_and_watch."""

    name: str

    async def list(self) -> ListSnapshot: ...
    def stream(self, resource_version: str, *, server_timeout_s: int) -> AsyncGenerator[JsonObject, None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """How a watch behaves.

    Attributes:
        server_timeout_s: the API server is asked to end a stream after this time, up to a quarter longer (so that many
        watches do
            not end together).
        inactivity_s: a stream that says nothing for so long is opened anew. API servers send a bookmark about every
        minute.
    """

    server_timeout_s: int = 240
    inactivity_s: float = 90.0


async def list_and_watch(
    watched: Watched, *, settings: WatchSettings, rng: random.Random
) -> AsyncGenerator[ListSnapshot | WatchEvent, None]:
    """See Kubernetes.list_and_watch."""
    now = asyncio.get_running_loop().time
    retry = Retry(rng=rng)
    position: Position | None = None
    while True:
        opened_s, progressed = now(), False
        why: Exception | None = None
        try:
            if position is None:
                snapshot = await watched.list()
                position = Position(snapshot.resource_version)
                yield snapshot
                opened_s = now()
            timeout_s = settings.server_timeout_s + rng.randrange(1 + settings.server_timeout_s // 4)
            async with aclosing(watched.stream(position.resource_version, server_timeout_s=timeout_s)) as messages:
                async for message in messages:
                    event = position.take(message)
                    progressed = True
                    if event is not None:
                        yield event
        except ApiError as error:
            why = error
            if must_list_again(error):
                position = None
            elif not isinstance(error, ServerUnavailable | TooManyRequests):
                raise
        except BrokenStream as error:
            why = error
        delay_s = retry.delay_s(
            lived_s=now() - opened_s,
            progressed=progressed,
            at_least_s=why.retry_after_s if isinstance(why, TooManyRequests) else 0.0,
        )
        level = logging.WARNING if why is not None and retry.failures <= 1 else logging.DEBUG
        logger.log(level, "watch of %s goes on in %.1f s: %s", watched.name, delay_s, why or "the stream ended")
        await asyncio.sleep(delay_s)
