"""The namespaces that every cluster needs, and nobody may delete."""

from ..errors import ApiError, resource_details
from ..kind import Kind

PROTECTED = ("default", "kube-public", "kube-system")


def refuse_protected(kind: Kind, name: str) -> None:
    """Refuse to delete one of them. Raises ApiError (403)."""
    if kind.key == ("", "namespaces") and name in PROTECTED:
        message = f'namespaces "{name}" is forbidden: this namespace may not be deleted'
        raise ApiError(403, "Forbidden", message, resource_details(kind, name))
