"""A service that `galileo run` runs from this file: it says decisions all the time, while it leads.

`pod_name` tells the process and the number of the decision. With `freeze_before_writing` in the working folder it
stops itself (SIGSTOP) when a decision has passed all checks of its own and is about to be written. With `stubborn`
there its work does not end when it is told to.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

from galileo_bus.service import Service, Settings, every
from galileo_schemas.events import PodCreationRequest, ScaleSchedule

FREEZE = "freeze_before_writing"
STUBBORN = "stubborn"


class Deciding(Service):
    name = "deciding"
    elected = True
    settings: Settings

    async def started(self) -> None:
        self.number = 0

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._stubborn()] if os.path.exists(STUBBORN) else []

    async def _stubborn(self) -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    @every(0.05)
    async def decide(self) -> None:
        self._freeze_if_told()
        self.number += 1
        request = PodCreationRequest(pod_name=f"{os.getpid()}-{self.number}")
        await self.bus.say(ScaleSchedule(fn="f", origin_zone="a", dest_zone="b", pod_creation_request=request))

    def _freeze_if_told(self) -> None:
        if not os.path.exists(FREEZE):
            return
        os.unlink(FREEZE)
        transport: Any = self.bus.transport
        write = transport.append

        async def append(*arguments: Any, **named: Any) -> bool:
            transport.append = write
            os.kill(os.getpid(), signal.SIGSTOP)
            return bool(await write(*arguments, **named))

        transport.append = append
