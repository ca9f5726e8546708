"""Reads instruments one by one, whatever happens to one of them: what fails or is not there stops no other.

An instrument that cannot be used here is left out, which is told with its reason, and looked at again from time to
time. One that fails is told once, counted, and read again when it is next due.
"""

from __future__ import annotations

import logging
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping

from galileo_services.telemetry_agent.instruments.instrument import (
    Instrument,
    PartlyReadError,
    Reading,
    UnavailableError,
    UnreadableError,
)


class Sampler:
    """Instruments by name."""

    def __init__(self, instruments: Mapping[str, Instrument], *, log: logging.Logger) -> None:
        self._instruments = instruments
        self._log = log
        self._said: dict[str, str] = {}
        self.left_out: dict[str, str] = {}
        """Why an instrument is not used, by name."""
        self.samples: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    def begin(self, names: Iterable[str], at: float) -> list[str]:
        """Starts instruments, or starts their counters anew at `at`; those that can be used, in their order."""
        usable = []
        for name in names:
            try:
                self._instruments[name].begin(at)
            except (UnavailableError, UnreadableError) as reason:
                self.left_out[name] = str(reason)
            except OSError as error:
                self.left_out[name] = _line(error)
            except Exception as error:  # a driver's library may raise anything; the other instruments go on
                self._log.exception("%s cannot be used", name)
                self.left_out[name] = _line(error)
            else:
                self.left_out.pop(name, None)
                usable.append(name)
        return usable

    def read(self, name: str, at: float) -> list[Reading]:
        """Reads an instrument that was started; what it could not tell is missing."""
        readings = self._read(name, at)
        self.samples[name] += len(readings)
        return readings

    def _read(self, name: str, at: float) -> list[Reading]:
        try:
            readings = self._instruments[name].read(at)
        except PartlyReadError as error:
            self._failed(name, str(error))
            return error.readings
        except (OSError, UnavailableError, UnreadableError, subprocess.SubprocessError) as error:
            self._failed(name, _line(error))
        except Exception as error:  # what is wrong with one instrument is not to stop the others
            if self._failed(name, _line(error)):
                self._log.exception("%s", name)
        else:
            if self._said.pop(name, None) is not None:
                self._log.info("%s can be read again", name)
            return readings
        return []

    def _failed(self, name: str, reason: str) -> bool:
        """Counts a failure; whether it is news."""
        self.failures[name] += 1
        if self._said.get(name) == reason:
            return False
        self._said[name] = reason
        self._log.warning("%s: %s", name, reason)
        return True


def _line(error: Exception) -> str:
    """An error as one line with the file that it is about."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(f"{error or type(error).__name__}".split())


def in_words(left_out: Mapping[str, str]) -> str:
    """Instruments that are left out, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in left_out.items():
        by_reason.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(names)} ({reason})" for reason, names in by_reason.items())
