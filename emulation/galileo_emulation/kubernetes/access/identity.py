"""Who asks. The emulated cluster has one person in it: whoever presents any credentials is its administrator.

kubectl and client-go send no credentials over plain HTTP, so a server that speaks it takes those without any for the
administrator too, unless it is told to demand some. Impersonation (the header Impersonate-User) makes a request
somebody else's, whose rights are then what the stored roles say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import ApiError

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who asks, and the groups that they are in."""

    name: str
    groups: tuple[str, ...] = ()

    @property
    def is_administrator(self) -> bool:
        """Whether roles need not be looked at."""
        return MASTERS in self.groups


ADMINISTRATOR = User("galileo-admin", (MASTERS, AUTHENTICATED))


def identify(headers: Mapping[str, str], impersonated_groups: tuple[str, ...] = (), *, demanded: bool) -> User:
    """Who a request is from. Raises ApiError (401) when credentials are `demanded` and it carries none."""
    if demanded and not headers.get("Authorization"):
        raise ApiError(401, "Unauthorized", "Unauthorized")
    name = headers.get("Impersonate-User", "")
    if not name:
        return ADMINISTRATOR
    groups = [*impersonated_groups, AUTHENTICATED]
    if name.startswith("system:serviceaccount:"):
        namespace = name.split(":")[2]
        groups += ["system:serviceaccounts", f"system:serviceaccounts:{namespace}"]
    return User(name, tuple(dict.fromkeys(groups)))
