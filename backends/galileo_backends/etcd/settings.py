"""Where etcd is and how to log in, checked before the first connection."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class EtcdSettings:
    """How to reach an etcd.

    Attributes:
        endpoints: URLs of its members (`http://host:2379`), of one cluster; tried in turn.
        username, password: where etcd's authentication is on.
        ca_file: PEM file of the authority that signed the servers' certificates; None takes the system's.
        cert_file, key_file: the client's certificate and key, both or neither. Etcd's JSON gateway does not take its
        name
            for a user's: with authentication on, a user and a password are needed as well.
        timeout_s: for one answer of one endpoint.
        watch_idle_s: a watch that is silent for so long is opened anew from where it stands, since silence and a
        connection whose
            other end is gone look the same.

    Raises:
        ValueError: one line that names the wrong setting.
    """

    endpoints: Sequence[str]
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    timeout_s: float = 5.0
    watch_idle_s: float = 30.0

    def __post_init__(self) -> None:
        if isinstance(self.endpoints, str) or not self.endpoints:
            raise ValueError(
                f"etcd endpoints: {self.endpoints!r}: expected a list of URLs such as ['http://127.0.0.1:2379']"
            )
        for endpoint in self.endpoints:
            url = urlsplit(endpoint)
            if url.scheme not in ("http", "https") or not url.hostname:
                raise ValueError(f"etcd endpoint {endpoint!r}: expected http://HOST:PORT or https://HOST:PORT")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("etcd client certificate: cert_file and key_file go together, only one is set")
        if (self.username is None) != (self.password is None):
            raise ValueError("etcd user: username and password go together, only one is set")
        if self.timeout_s <= 0 or self.watch_idle_s <= 0:
            raise ValueError("etcd timeout_s and watch_idle_s: expected more than 0 seconds")

    def ssl_context(self) -> ssl.SSLContext | None:
        """TLS for these endpoints, or None where none uses it. Raises OSError where a file cannot be read or used."""
        if not any(endpoint.startswith("https:") for endpoint in self.endpoints):
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file is not None:
            context.load_cert_chain(self.cert_file, self.key_file)
        return context
