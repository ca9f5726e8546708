"""The texts of a new service's files, by file name."""

from __future__ import annotations

import re
from importlib.resources import files

from galileo_cli.new_service.name import class_name, distribution_name

_TEMPLATES = {
    "{name}.py": "service.py.txt",
    "test_{name}.py": "test_service.py.txt",
    "README.md": "README.md.txt",
    "pyproject.toml": "pyproject.toml.txt",
}


def service_files(name: str) -> dict[str, str]:
    """All files of a service of that name."""
    values = {"name": name, "class": class_name(name), "distribution": distribution_name(name)}
    folder = files("galileo_cli.new_service") / "templates"
    return {
        path.format(name=name): _filled((folder / template).read_text(encoding="utf-8"), values)
        for path, template in _TEMPLATES.items()
    }


def _filled(template: str, values: dict[str, str]) -> str:
    return re.sub(r"@(name|class|distribution)@", lambda found: values[found[1]], template)
