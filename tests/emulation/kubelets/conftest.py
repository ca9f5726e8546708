"""Leaves no event loop open behind synchronous tests.

On Python 3.11 to 3.13 pytest-asyncio asks for "the current loop", which makes one that nobody closes, unless it was
said that there is none.
"""

import asyncio

asyncio.set_event_loop(None)
