"""`galileo why POD`: the chain of events from the pressure to the weights."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from galileo_cli.causes import Said, chain_of, read_said
from galileo_cli.environment import effective_environment

EXAMPLE = """examples:
  galileo why resnet-deployment-1a2b3
  galileo why resnet-deployment-1a2b3 --log runs/latest/events.log"""

_SHOWN = {
    "api_pressure": "node {node} in {zone}: {value:.3f}",
    "scale_schedule": "{fn}: {action} in {dest_zone}, {reason}",
    "pod_created": "{pod} ({uid})",
    "pod_deleted": "{pod}",
    "pod_failed": "{pod}: {reason}: {message}",
    "pod_bound": "{pod} to {node} in {zone} by {scheduler}",
    "pod_unschedulable": "{pod}: {message}",
    "weight_update": "{fn} in {zone}: {shown_weights}",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pod", help="the pod's name")
    parser.add_argument("--log", metavar="FILE", help="event log; the latest run's otherwise")
    parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    log = arguments.log or effective_environment(arguments.env_file).get("event_recorder_log")
    if log is None:
        print("galileo: no event log is known; name one with --log FILE (event_recorder_log)", file=sys.stderr)
        return 2
    path = Path(log)
    if not path.is_file():
        print(f"galileo: {path}: there is no such event log", file=sys.stderr)
        return 2
    chain = chain_of(read_said(path.read_bytes().splitlines()), arguments.pod)
    if not chain:
        print(f"galileo: no event in {path} is about a pod {arguments.pod!r}", file=sys.stderr)
        return 1
    for said in chain:
        clock = datetime.fromtimestamp(said.ts).strftime("%H:%M:%S.%f")[:-3]
        print(f"{clock}  {said.name:<17} {said.source:<20} {_sentence(said)}")
    return 0


def _sentence(said: Said) -> str:
    value = said.value
    if said.name.startswith("pod/"):
        ready = ", ready" if value.get("ready") else ""
        where = f" on {value['nodeName']}" if value.get("nodeName") else ""
        return f"{value.get('name')} {value.get('status') or '?'}{ready}{where}"
    if said.name not in _SHOWN:
        return ""
    weights = value.get("weights") or {}
    pairs = zip(weights.get("ips", ()), weights.get("weights", ()), strict=False)
    facts = {
        **value,
        "action": "remove a pod" if value.get("delete") else "one pod more",
        "reason": _reason(value),
        "shown_weights": " ".join(f"{address}={weight}" for address, weight in pairs) or "none",
    }
    try:
        return _SHOWN[said.name].format_map(facts)
    except (KeyError, ValueError, TypeError):
        return str(value)  # recorded by hand, with fields of its own


def _reason(value: dict[str, object]) -> str:
    pressure, threshold = value.get("value"), value.get("threshold")
    if not isinstance(pressure, int | float) or not isinstance(threshold, int | float):
        return "as asked for"
    relation = "under" if value.get("delete") else "over"
    return f"pressure {pressure:.3f} {relation} {threshold:g} in {value.get('origin_zone')}"
