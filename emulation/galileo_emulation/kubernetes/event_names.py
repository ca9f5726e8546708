"""How events are called: after their object and the moment, as Kubernetes' recorders do it.

kubectl sorts by whole seconds and leaves what is equal in the order of names: so events show in the order in which
things happened.
"""

from .kinds import EVENTS
from .storage.store import Store


def event_name(store: Store, namespace: str, about: str) -> str:
    """A free name for an event about the object called `about`, told now."""
    moment_ns = round(store.now() * 1e9)
    while store.get(EVENTS, namespace, _name(about, moment_ns)) is not None:  # time stands still in tests
        moment_ns += 1
    return _name(about, moment_ns)


def _name(about: str, moment_ns: int) -> str:
    return f"{about}.{moment_ns:016x}"
