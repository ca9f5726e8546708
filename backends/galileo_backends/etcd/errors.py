"""What can go wrong with etcd: it cannot be reached (try later), or it said no (trying again is no use)."""

# ruff: noqa: N818 - these say what happened: etcd is unavailable, etcd refused.


class EtcdError(Exception):
    """Base of all errors of this package."""


class EtcdUnavailable(EtcdError):
    """No endpoint gave an answer: refused, timed out, or a server without a leader. The message names each endpoint's
    reason.

    A write that ends so may still have happened.
    """


class EtcdRefused(EtcdError):
    """Etcd understood and refused: wrong password, no permission, a request that it holds for wrong.

    Attributes:
        status: the HTTP status of the answer (0 where etcd refused inside a watch).
        reason: etcd's own words.
    """

    def __init__(self, status: int, reason: str, *, request: str) -> None:
        super().__init__(f"etcd refused {request}: {reason}")
        self.status = status
        self.reason = reason
