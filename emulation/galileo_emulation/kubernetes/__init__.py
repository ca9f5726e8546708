"""An emulated Kubernetes API server: enough of the API, version 1.36, for kubectl and client libraries.

`Store` is the cluster's state, `ApiServer` serves it over HTTP; in the same process, `LocalApi` is the door for
kubelets and `InProcessClient` the one for controllers. A request goes

    http/ (what is asked) -> access/ (who, and may they) -> operations/ (what it does), past webhooks/ if there are any
        -> storage/ (objects, their recent past, lists, watches) -> http/ (the form of the answer)

What is known of a kind is a row in kinds/: its defaults (defaults/), what is wrong with its objects (checks/), its
columns (columns/), its fields and how they merge (types/). custom/ makes rows of definitions, managers/ decides who
manages which field, description/ tells clients what there is. What is stored stays as it is until a client changes it,
or the controllers of the package beside this one do.
"""

from .errors import ApiError
from .http.kubeconfig import kubeconfig
from .http.server import ApiServer
from .in_process import InProcessClient
from .local import LocalApi, PodEvent
from .operations.creation import Admission
from .storage.store import Store

__all__ = ["Admission", "ApiError", "ApiServer", "InProcessClient", "LocalApi", "PodEvent", "Store", "kubeconfig"]
