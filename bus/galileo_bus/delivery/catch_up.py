"""What a listener missed of decisions and records while its subscription was interrupted, read from their streams.

    interrupted → hold what is heard → resumed → read the streams from before the interruption → hand out what was not
                                                 heard, each once and in order → hand out what was held → go on

Observations are not held: the newest wins, and the lost ones are counted. The streams are read by the server's clock,
so that nothing has to be remembered of them while all is well; what was heard lately is known by its id.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator

from galileo_schemas.event import Delivery, EventKind
from galileo_schemas.frame import FrameError, RawFrame, split_frame

from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_bus.identity import frame_hash
from galileo_bus.transport import StreamEntry, Transport, TransportUnavailableError

REMEMBERED = 20_000
MARGIN_S = 1.0
"""The server's clock and ours may go a little differently during an interruption, and its entries are in whole ms."""

RETRY_S = 0.2
HASH_DIGITS = 32
_META = b'"meta":{"id":"'

log = logging.getLogger(__name__)

HandOut = Callable[[str, bytes, RawFrame, EventKind], None]
Heard = tuple[str, bytes, RawFrame, EventKind]


def identity_of(payload: bytes, frame: RawFrame) -> bytes:
    """What tells an event from others: its `meta.id`; without one, the hash that it would be adopted under."""
    _, found, rest = frame.value.partition(_META)
    return rest.partition(b'"')[0] if found else frame_hash(payload).encode()


class CatchUp:
    """One listener's. `kinds` are those that it hears, `hand_out` takes what it missed."""

    def __init__(
        self, transport: Transport, *, kinds: Collection[EventKind], hand_out: HandOut, most_held: int, name: str
    ) -> None:
        self._transport = transport
        self._kinds = {kind.name: kind for kind in kinds if kind.delivery is not Delivery.OBSERVATION}
        self._hand_out = hand_out
        self._name = name
        self._known: dict[bytes, bool] = {}
        self._read: set[bytes] = set()
        self._held: deque[Heard] = deque()
        self._most_held = most_held
        self._since: float | None = None
        self._resumed = asyncio.Event()
        self.interruptions = 0
        self.caught_up = 0
        self.dropped = 0

    def interrupted(self, sure_at: float) -> None:
        """Nothing published before the loop's time `sure_at` is missing; what came later may be."""
        self.interruptions += 1
        self._since = sure_at if self._since is None else min(self._since, sure_at)
        self._resumed.clear()

    def resumed(self) -> None:
        """The subscription is active again."""
        if self._since is not None:
            self._resumed.set()

    def passes(self, channel: str, payload: bytes, frame: RawFrame, kind: EventKind) -> bool:
        """Whether a decision or record that was heard now is to be handed out now; else it is held until its turn."""
        if self._since is None:
            identity = identity_of(payload, frame)
            self._remember(identity)
            return identity not in self._read  # a message may take longer than the reading of its stream
        if len(self._held) >= self._most_held:
            self._held.popleft()
            self.dropped += 1
        self._held.append((channel, payload, frame, kind))
        return False

    async def run(self) -> None:
        """Catches up after each interruption, until cancelled."""
        while True:
            await self._resumed.wait()
            self._resumed.clear()
            interruptions = self.interruptions
            entries = await self._recent()
            if interruptions != self.interruptions:
                continue  # interrupted anew: it is read again when the subscription is active, from the same beginning
            # No await from here on: what is heard meanwhile would overtake what was held.
            self._read = set()
            for stream_entries in entries:
                self._take(stream_entries)
            self._since = None
            held, self._held = self._held, deque()
            for channel, payload, frame, kind in held:
                self._hand_out_new(channel, payload, frame, kind)

    async def _recent(self) -> list[list[StreamEntry]]:
        """What was appended since the interruption, stream by stream; tries until the server answers."""
        streams = {EVENT_RECORDS for kind in self._kinds.values() if kind.delivery is Delivery.RECORD}
        streams |= {journal_of(name) for name, kind in self._kinds.items() if kind.delivery is Delivery.DECISION}
        loop = asyncio.get_running_loop()
        while self._since is not None:
            within_s = loop.time() - self._since + MARGIN_S
            try:
                return [await self._transport.recent(stream, within_s=within_s) for stream in sorted(streams)]
            except TransportUnavailableError:
                await asyncio.sleep(RETRY_S)
            except Exception as error:  # rights to channels do not give rights to streams: then it stays missed
                log.warning("%s: what was missed cannot be read: %s: %s", self._name, type(error).__name__, error)
                break
        return []

    def _take(self, entries: list[StreamEntry]) -> None:
        """Hands out what comes after the last event that was heard: what lies before it was heard, or before our time.

        An adopted decision tells no place, since it was heard before it was journaled.
        """
        lines = list(self._lines(entries))
        places = [number for number, line in enumerate(lines) if self._known.get(identity_of(line[1], line[2]))]
        for channel, payload, frame, kind in lines[places[-1] + 1 if places else 0 :]:
            if self._hand_out_new(channel, payload, frame, kind):
                self._read.add(identity_of(payload, frame))
                self.caught_up += 1

    def _lines(self, entries: list[StreamEntry]) -> Iterator[Heard]:
        for entry in entries:
            for line in entry.payload.split(b"\n"):
                try:
                    frame = split_frame(line)
                except FrameError:
                    continue  # recorders read it too, and say so
                if (kind := self._kinds.get(frame.name)) is not None:
                    yield kind.channel, line, frame, kind

    def _hand_out_new(self, channel: str, payload: bytes, frame: RawFrame, kind: EventKind) -> bool:
        identity = identity_of(payload, frame)
        if identity in self._known:
            return False
        self._remember(identity)
        self._hand_out(channel, payload, frame, kind)
        return True

    def _remember(self, identity: bytes) -> None:
        """And whether it came with an id of its own, so that its place in a stream is where it was heard."""
        self._known[identity] = len(identity) != HASH_DIGITS
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
