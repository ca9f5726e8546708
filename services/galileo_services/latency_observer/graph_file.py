"""The latency graph file: JSON, `{from: {to: round-trip ms}}` between nodes or zones."""

from __future__ import annotations

import json
from pathlib import Path

from galileo_context.latencies import Graph, LatencyGraphError, parse_graph


def read_graph(path: Path) -> Graph:
    """Reads the file. Raises `LatencyGraphError` with the file, the place and what was expected."""
    try:
        loose = json.loads(path.read_text())
    except OSError as error:
        raise LatencyGraphError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise LatencyGraphError(f"{path}: is no JSON ({error})") from error
    return parse_graph(loose, source=str(path))
