"""Where clients are: a client's id names the pod of the worker that plays it, and that pod's node has a zone."""

from __future__ import annotations

from collections.abc import Iterable


def worker_of(client: str) -> str:
    """The worker's pod name in a client id `<worker pod name>:<service>:<n>`."""
    return client.partition(":")[0]


def zone_in_name(worker: str, zones: Iterable[str]) -> str | None:
    """The longest of the zones that stands in a worker's name as a word, as in `galileo-worker-zone-a-abcde`.

    None when none does. A word ends where letters and digits end, so `zone-a` is not in `worker-zone-ab`.
    """
    return max((zone for zone in zones if _stands_in(zone, worker)), key=lambda zone: (len(zone), zone), default=None)


def _stands_in(word: str, text: str) -> bool:
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            return True
        start = text.find(word, start + 1)
    return False
