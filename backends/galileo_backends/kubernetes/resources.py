"""The kinds of objects that we work with, and where the API server keeps them."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind of objects.

    Attributes:
        group: its API group, empty for the core group.
        version: of the group, such as `v1`.
        plural: its name in URLs, such as `pods`.
        kind: its name in objects, such as `Pod`.
        namespaced: whether its objects live in namespaces.
    """

    group: str = ""
    version: str = "v1"
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """The `apiVersion` of its objects: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """Its name in messages of the API server: `pods`, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, *, namespace: str | None = None, name: str | None = None, subresource: str | None = None) -> str:
        """The URL path of the collection, of one object, or of a subresource of it.

        Raises:
            ValueError: a namespace where there are none, or none where an object's is needed.
        """
        if namespace is not None and not self.namespaced:
            raise ValueError(f"{self.qualified} have no namespace, but {namespace!r} was given")
        if namespace is None and self.namespaced and name is not None:
            raise ValueError(f"{self.qualified} {name!r}: a namespace is needed")
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        parts = [root]
        if namespace is not None:
            parts += ["namespaces", quote(namespace, safe="")]
        parts += [self.plural]
        parts += [quote(part, safe="") for part in (name, subresource) if part is not None]
        return "/".join(parts)


PODS = Resource(plural="pods", kind="Pod")
NODES = Resource(plural="nodes", kind="Node", namespaced=False)
NAMESPACES = Resource(plural="namespaces", kind="Namespace", namespaced=False)
EVENTS = Resource(plural="events", kind="Event")
DEPLOYMENTS = Resource(group="apps", plural="deployments", kind="Deployment")
LEASES = Resource(group="coordination.k8s.io", plural="leases", kind="Lease")
