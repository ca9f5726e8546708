"""Asks something of a running system and waits for the answer, for commands.

The ask carries an id, and whoever answers names it as the cause. Several may answer, such as all gateways.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Mapping

from galileo_bus.bus import Bus
from galileo_bus.service.logs import set_up_logs
from galileo_schemas.event import Event
from galileo_schemas.events import AskRefused, FaultBegun, FaultEnded, LoadMoved, LoadPaused, SettingChanged
from galileo_schemas.frame import RawFrame

from galileo_cli.connections import redis_transport
from galileo_cli.process import run_async
from galileo_cli.view.happened import told

ANSWERS: tuple[type[Event], ...] = (AskRefused, FaultBegun, FaultEnded, LoadMoved, LoadPaused, SettingChanged)
CONNECT_PATIENCE_S = 1.5
"""A person waits; with the start of Python it is still below two seconds."""

ANSWER_PATIENCE_S = 3.0
FURTHER_ANSWERS_S = 0.3


def ask_and_print(event: Event, environ: Mapping[str, str], *, nobody: str) -> int:
    """Says `event` and prints the answers; 0 when all did it, 1 when somebody refused or nobody answered.

    `nobody` says why there may be no answer. Raises `TransportUnavailableError` when there is no bus.
    """
    set_up_logs(level="ERROR")

    async def work() -> int:
        answers = await ask(event, environ)
        if not answers:
            print(f"galileo: no answer within {ANSWER_PATIENCE_S:.0f} s: {nobody}", file=sys.stderr)
            return 1
        refused = [answer for answer in answers if isinstance(answer, AskRefused)]
        for line in dict.fromkeys(f"galileo: {told(answer)}" for answer in refused):
            print(line, file=sys.stderr)
        for line in dict.fromkeys(str(told(answer)) for answer in answers if answer not in refused):
            print(line)
        return 1 if refused else 0

    return run_async(work())


async def ask(event: Event, environ: Mapping[str, str]) -> list[Event]:
    """Says `event` and returns the answers, none when nobody answers in time."""
    transport = redis_transport(environ, start_timeout_s=CONNECT_PATIENCE_S)
    await transport.start()
    try:
        bus = Bus(transport, source="galileo-cli", now=time.time, rng=random.Random(), adopt="none")
        ask_id = bus.next_id()
        answers: asyncio.Queue[Event] = asyncio.Queue()

        async def take(answer: Event, _frame: RawFrame) -> None:
            if answer.meta is not None and ask_id in answer.meta.cause:
                answers.put_nowait(answer)

        for kind in ANSWERS:
            bus.listen(kind, take)
        await bus.start()
        try:
            await bus.say(event, event_id=ask_id)
            return await _gather(answers)
        finally:
            await bus.close(patience_s=0.5)
    finally:
        await transport.close()


async def _gather(answers: asyncio.Queue[Event]) -> list[Event]:
    found: list[Event] = []
    patience_s = ANSWER_PATIENCE_S
    try:
        while True:
            async with asyncio.timeout(patience_s):
                found.append(await answers.get())
            patience_s = FURTHER_ANSWERS_S
    except TimeoutError:
        return found
