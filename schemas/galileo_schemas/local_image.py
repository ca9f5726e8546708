"""Images of the form `local:/path/app.py:attribute`: a person's own code, run as a process in place of a container.

Whoever reads a scenario makes the path absolute, relative to the scenario's folder; the kubelets find it so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LOCAL_PREFIX = "local:"


@dataclass(frozen=True, slots=True)
class LocalImage:
    """The file to run. `attribute` names the ASGI application in it, "" if none was named."""

    path: Path
    attribute: str = ""

    @property
    def text(self) -> str:
        """The image's name."""
        return f"{LOCAL_PREFIX}{self.path}{f':{self.attribute}' if self.attribute else ''}"


def is_local(image: str) -> bool:
    """Whether an image is a file of this machine."""
    return image.startswith(LOCAL_PREFIX)


def parse_local_image(image: str) -> LocalImage:
    """The file and the attribute. Raises ValueError if there is no path or the attribute is no name of Python's."""
    path, colon, attribute = image.removeprefix(LOCAL_PREFIX).rpartition(":")
    if not colon:
        path, attribute = attribute, ""
    if not path or (colon and not all(part.isidentifier() for part in attribute.split("."))):
        raise ValueError(f"image {image!r}: expected local:PATH or local:PATH:ATTRIBUTE, such as local:./app.py:app")
    return LocalImage(Path(path), attribute)
