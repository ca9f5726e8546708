"""Whether a name will do for a new service, and what is made of it: module, class, distribution, variables."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from collections.abc import Collection

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def refuse_name(name: str, *, services: Collection[str]) -> str | None:
    """Why a service cannot be called so, None when it can. `services`: the names that are taken."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        return f"{name!r}: expected a name of lower-case words, such as hot_gateways"
    if name.startswith("test_") or name == "test":
        return f"{name!r}: pytest would take it for a test; expected a name that does not begin with test"
    if name in services:
        return f"{name!r}: there is such a service already; expected another name"
    if name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None:
        return f"{name!r}: there is a Python module of that name, which could then not be imported; choose another"
    return None


def class_name(name: str) -> str:
    """`hot_gateways` → `HotGateways`."""
    return "".join(word.capitalize() for word in name.split("_"))


def distribution_name(name: str) -> str:
    """`hot_gateways` → `hot-gateways`."""
    return name.replace("_", "-")
