"""From the bytes of a world file to the state that they tell."""

from __future__ import annotations

from dataclasses import dataclass

from galileo_emulation.kubernetes.storage.saved_state import SavedState
from galileo_emulation.world_file.maker import Maker, NoWorldFileError, read_first_line, refusal
from galileo_emulation.world_file.records import BadRecordError, Reader, content


class WorldFileError(Exception):
    """A world file cannot be used; one line: which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file tells. `torn_bytes` of its end were half written, and are left out."""

    state: SavedState
    torn_bytes: int = 0


def read(path: str, data: bytes, own: Maker) -> Reading | None:
    """The state in a file; None when it is empty. Raises WorldFileError.

    `own` is the world that wants to go on with it. A last line that was not written to its end is left out: that is how
    a crash leaves a file. Any other line that cannot be read is a damage, and the file is refused.
    """
    if not data:
        return None
    *lines, rest = data.split(b"\n")
    if not lines:
        raise WorldFileError(f"{path}: this is no world file; name another one or remove it")
    try:
        made_by = read_first_line(lines[0])
    except NoWorldFileError as error:
        raise WorldFileError(f"{path}: {error}; name another one or remove it") from None
    why = refusal(made_by, own)
    if why:
        raise WorldFileError(f"{path}: {why}; name another file, or run what made this one")
    reader, last = Reader(), len(lines)
    for number, line in enumerate(lines[1:], start=2):
        try:
            reader.take(content(line))
        except BadRecordError as error:
            if number == last and not rest:
                return Reading(reader.state, len(line) + 1)
            raise WorldFileError(
                f"{path}: line {number} is damaged ({error}); use a copy of the file or remove it"
            ) from None
    return Reading(reader.state, len(rest))
