"""The indexes of an indexed job: which are done, in the form `0-3,5` of its status, and which come next."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from galileo_emulation.kubernetes.apiobjects import JsonObject

INDEX = "batch.kubernetes.io/job-completion-index"


def index_of(pod: JsonObject) -> int | None:
    """The completion index in a pod's annotations; None when there is none."""
    text = (pod["metadata"].get("annotations") or {}).get(INDEX, "")
    return int(text) if text.isascii() and text.isdigit() else None


def read_indexes(text: str, completions: int) -> set[int]:
    """The indexes in a text such as `0-3,5`, as far as they are below `completions`."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        found.update(range(int(first), min(int(last if dash else first), completions - 1) + 1))
    return found


def write_indexes(indexes: Iterable[int]) -> str:
    """The text of a set of indexes, runs written as `first-last` (a run of two as `first,last`)."""
    runs: list[list[int]] = []
    for index in sorted(indexes):
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    texts = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs]
    return ",".join(texts)


def next_indexes(completions: int, taken: Collection[int], count: int) -> list[int]:
    """The lowest `count` indexes that are neither done nor being worked on."""
    free = (index for index in range(completions) if index not in taken)
    return [index for index, _ in zip(free, range(count), strict=False)]
