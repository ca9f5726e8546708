"""Reading YAML as the API reads it: as another spelling of JSON.

Times and numbers with colons stay texts, since JSON has neither, and the names of fields are texts whatever they look
like. A name that stands twice in one map is told, since one of the two values is lost.
"""

import re
from typing import Any

import orjson
import yaml

from ..errors import bad_request


class _Loader(yaml.SafeLoader):
    """YAML's types that JSON has."""

    duplicates: list[str]

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A map with texts for names; a name that was there before is noted."""
        self.flatten_mapping(node)
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _name(self.construct_object(key_node, deep=True), key_node)
            if key in mapping:
                self.duplicates.append(key)
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping


def _name(key: Any, node: yaml.Node) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, dict | list):
        raise yaml.constructor.ConstructorError(None, None, "the name of a field must be a text", node.start_mark)
    return "null" if key is None else str(key)


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":int", ":float"))]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)$"
    ),
    list("-+0123456789."),
)


def read_document(payload: bytes) -> tuple[Any, list[str]]:
    """The document, and the names that stood twice in a map. JSON is YAML. Raises ApiError (400)."""
    try:
        return orjson.loads(payload), []
    except orjson.JSONDecodeError:
        pass  # not JSON, so YAML in its other spelling
    loader = _Loader(payload)
    loader.duplicates = []
    try:
        return loader.get_single_data(), loader.duplicates
    except yaml.YAMLError as error:
        raise bad_request(f"error decoding YAML: {' '.join(str(error).split())}") from None
    except UnicodeDecodeError as error:
        raise bad_request(f"error decoding YAML: {error}") from None
    finally:
        loader.dispose()
