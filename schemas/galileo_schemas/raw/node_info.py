"""Node info: the hash `telemd.info:<node>`, all values text.

The telemetry agent writes most fields, the cluster observer `labels` and `allocatable` (JSON).
"""

from __future__ import annotations

NODE_INFO_PREFIX = "telemd.info:"
TELEMETRY_COMMAND_PREFIX = "telemcmd/"


def node_info_key(node: str) -> str:
    """The key of a node's hash."""
    return NODE_INFO_PREFIX + node
