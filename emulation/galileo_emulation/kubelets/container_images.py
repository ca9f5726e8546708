"""What an image's name stands for: a function, a program in another process, an idle container, or nothing.

There is no registry, so that a name has to tell. Images of functions are those of the specification. Any other image
whose name a registry could hold runs as an idle container, unless it is one of these, which are not there:

- a function's image by its name alone, under another path or tag (`edgerun/resnet:2.0` or `typo/resnet:1.0` where there
  is `edgerun/resnet:1.0`): it is a slip, and would look like a replica that answers nothing
- a name that matches one of the patterns of missing images, which say so by themselves (`nginx:does-not-exist`,
  `registry.invalid/app`, `localhost:5000/app`)
- `local:` and a file that no function of the specification names: nobody may run any file by creating a pod
- a text that is no image's name at all
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from fnmatch import fnmatchcase

from galileo_schemas.local_image import is_local

from galileo_emulation.specification import GATEWAY_IMAGE, LOAD_CLIENT_IMAGE, MISSING_IMAGES, FunctionSpec

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})+(?::[0-9]+)?|{_LABEL}:[0-9]+|localhost)"  # without a dot or port it is a path
_NAME = re.compile(
    rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@[a-z0-9]+:[a-f0-9]{{32,}})?"
)


class OtherImage(Enum):
    """Images that are no functions."""

    GATEWAY = "gateway"
    LOAD_CLIENT = "load client"
    IDLE = "idle"


ImageKind = FunctionSpec | OtherImage


def canonical_image(image: str) -> str:
    """The image's name without the default registry, with its tag: `docker.io/library/a` is `a:latest`."""
    if is_local(image):
        return image
    name = image.removeprefix("docker.io/").removeprefix("library/")
    has_tag = ":" in name.rsplit("/", 1)[-1] or "@" in name
    return name if has_tag else f"{name}:latest"


def is_image_name(image: str) -> bool:
    """Whether a registry could hold an image of this name."""
    return is_local(image) or _NAME.fullmatch(image) is not None


class ContainerImages:
    """The images that this world's registry holds: `idle_images` do whatever the patterns of missing ones say."""

    def __init__(
        self,
        functions: Iterable[FunctionSpec],
        idle_images: Iterable[str] = (),
        missing_images: Iterable[str] = MISSING_IMAGES,
    ) -> None:
        self._kinds: dict[str, ImageKind] = {canonical_image(image): OtherImage.IDLE for image in idle_images}
        self._kinds |= {canonical_image(function.image): function for function in functions}
        self._function_names = {
            _last_part(name) for name, kind in self._kinds.items() if isinstance(kind, FunctionSpec)
        }
        self._missing = tuple(missing_images)

    def kind_of(self, image: str) -> ImageKind | None:
        """What runs in a container of the image; None if there is no such image."""
        name = canonical_image(image)
        repository = _repository(name)
        if repository == GATEWAY_IMAGE:
            return OtherImage.GATEWAY
        if repository == LOAD_CLIENT_IMAGE:
            return OtherImage.LOAD_CLIENT
        if name in self._kinds:
            return self._kinds[name]
        return OtherImage.IDLE if self._why_missing(name) is None and is_image_name(image) else None

    def missing(self, images: Iterable[str]) -> str | None:
        """One line about the first image that does not exist, or None."""
        for image in images:
            if self.kind_of(image) is None:
                known = ", ".join(sorted([*self._kinds, GATEWAY_IMAGE, LOAD_CLIENT_IMAGE]))
                why = self._why_missing(canonical_image(image)) or "this is no image's name"
                return f'image "{image}": not found in this world; known are {known}; {why}'
        return None

    def _why_missing(self, name: str) -> str | None:
        if is_local(name):
            return "a file is run only if a function of the scenario names it"
        if _last_part(name) in self._function_names:
            return "a function's image has this name under another path or tag"
        pattern = next((pattern for pattern in self._missing if fnmatchcase(name, pattern)), None)
        return None if pattern is None else f"names that match {pattern} stand for images that do not exist"


def _last_part(canonical: str) -> str:
    """The name without registry, path, tag and digest."""
    return _repository(canonical).rsplit("/", 1)[-1]


def _repository(canonical: str) -> str:
    """The name without tag and digest; a file's name as it is."""
    if is_local(canonical):
        return canonical
    name = canonical.split("@", 1)[0]
    return name.rsplit(":", 1)[0] if ":" in name.rsplit("/", 1)[-1] else name
