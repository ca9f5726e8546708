"""An emulated Kubernetes API server: enough of the API, version 1.36, for kubectl and client libraries.

`Store` is the cluster's state, `ApiServer` serves it over HTTP, `LocalApi` is the door for emulated kubelets in the
same process, `InProcessClient` the one for controllers. Kinds are rows in `kinds/`, with their checks in `checks/` and
their columns in `columns/`, and those that `custom/` makes of definitions. A request goes access → handlers →
(creation, updates, applying, deletion, binding, eviction, scale, listing, watches) → store, past `webhooks/` where
there are any, and every change goes from the history to the watches. Who manages which field of an object is decided in
field_tracking.py and apply.py and kept beside it. What is stored stays as it is until a client changes it, or the
controllers of the package beside this one do.
"""

from .creation import Admission
from .errors import ApiError
from .in_process import InProcessClient
from .kubeconfig import kubeconfig
from .local import LocalApi, PodEvent
from .server import ApiServer
from .store import Store

__all__ = ["Admission", "ApiError", "ApiServer", "InProcessClient", "LocalApi", "PodEvent", "Store", "kubeconfig"]
