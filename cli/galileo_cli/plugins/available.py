"""What `galileo run` takes here: a line for each service, who brought it, and what it does in its own words."""

from __future__ import annotations

import inspect
import sys

from galileo_cli.plugins.installed import distribution_of, installed_entry, installed_names
from galileo_cli.plugins.loading import PluginError
from galileo_cli.service_table import SERVICES, known_names, service_class


def list_available() -> int:
    """Prints the list; what cannot be loaded goes to standard error. Returns 1 when there is such a plug-in, else 0."""
    rows, broken = [], []
    for name in known_names():
        try:
            words = (inspect.getdoc(service_class(name)) or "(it does not say what it does)").splitlines()[0]
            rows.append((name, _bringer(name), words))
        except PluginError as error:
            broken.append(str(error))
    hidden = [name for name in installed_names() if name in SERVICES]
    broken += [
        f"the plug-in {name} of {_plugs_in(name)} has a name of Galileo's own, which goes first" for name in hidden
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, bringer, words in rows:
        print(f"{name:<{widths[0]}}  {bringer:<{widths[1]}}  {words}")
    for line in broken:
        print(f"galileo: {line}", file=sys.stderr)
    return 1 if broken else 0


def _bringer(name: str) -> str:
    return "galileo" if name in SERVICES else _plugs_in(name)


def _plugs_in(name: str) -> str:
    entry = installed_entry(name)
    return "nobody" if entry is None else distribution_of(entry)
