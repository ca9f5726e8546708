"""Tells what is wrong with a run that is on file: `python -m tests.robustness.check_run folder…`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.robustness.checks import violations
from tests.robustness.histories import read_histories


def main() -> int:
    """Writes a line for each violation; 1 when there are any."""
    lines = [f"{folder}: {one}" for folder in sys.argv[1:] for one in violations(read_histories(Path(folder)))]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
