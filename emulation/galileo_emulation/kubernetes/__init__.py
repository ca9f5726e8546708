"""An emulated Kubernetes API server: enough of the API, version 1.36, for kubectl and client libraries.

`Store` is the cluster's state, `ApiServer` serves it over HTTP, `LocalApi` is the door for emulated kubelets in the
same process, `InProcessClient` the one for controllers. Kinds are rows in `kinds/`, with their checks in `checks/` and
their columns in `columns/`; a request goes handlers → (creation, updates, deletion, binding, eviction, scale, listing,
watches) → store, and every change goes from the store's history to the watches. There are no controllers here: what is
stored stays as it is until a client changes it, or the controllers of the package beside this one do.
"""

from .creation import Admission
from .errors import ApiError
from .in_process import InProcessClient
from .kubeconfig import kubeconfig
from .local import LocalApi, PodEvent
from .server import ApiServer
from .store import Store

__all__ = ["Admission", "ApiError", "ApiServer", "InProcessClient", "LocalApi", "PodEvent", "Store", "kubeconfig"]
