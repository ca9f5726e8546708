"""Where the API server is and who we are: from KUBECONFIG, from the pod that we run in, or from ~/.kube/config.

Reading a kubeconfig (contexts, certificates in files or inline, tokens, exec plug-ins, OIDC) and the service account of
a pod is left to kubernetes_asyncio. Nothing else of it is used, and it is imported only when a connection is made:
importing it costs a third of a second and 38 MiB.
"""

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Headers = dict[str, str]


class ConfigurationError(Exception):
    """No usable configuration; the message says where it was looked for and what is wrong."""


async def _no_headers() -> Headers:
    return {}


async def _nothing_to_reload() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How to reach an API server.

    Attributes:
        base_url: such as `https://10.0.0.1:6443`.
        tls: for https, else None.
        headers: gives the headers that say who we are; asked before every request, since tokens change.
        reload: reads the configuration anew; called once when the API server answers 401.
        server_hostname: the name to expect in the certificate, where it is another than the URL's.
        proxy: URL of an HTTP proxy.
    """

    base_url: str
    tls: ssl.SSLContext | None = None
    headers: Callable[[], Awaitable[Headers]] = field(default=_no_headers)
    reload: Callable[[], Awaitable[None]] = field(default=_nothing_to_reload)
    server_hostname: str | None = None
    proxy: str | None = None


async def connect(environ: Mapping[str, str], *, context: str | None = None) -> Connection:
    """Finds the API server: KUBECONFIG, else the pod's service account, else ~/.kube/config.

    Args:
        environ: the environment variables (`os.environ`).
        context: of the kubeconfig; None takes its current one.

    Raises:
        ConfigurationError: none of them is there, or it cannot be read.
    """
    source = _Source(_kubeconfig(environ), context)
    await source.load()
    loaded = source.configuration
    return Connection(
        base_url=str(loaded.host).rstrip("/"),
        tls=_tls(loaded),
        headers=source.headers,
        reload=source.load,
        server_hostname=loaded.tls_server_name,
        proxy=loaded.proxy,
    )


def _kubeconfig(environ: Mapping[str, str]) -> str | None:
    """The kubeconfig to read, or None in a pod."""
    if named := environ.get("KUBECONFIG"):
        return named
    if "KUBERNETES_SERVICE_HOST" in environ:
        return None
    local = Path(environ.get("HOME", "~")).expanduser() / ".kube" / "config"
    if not local.exists():
        raise ConfigurationError(
            f"no Kubernetes configuration: KUBECONFIG is not set, this is no pod, and {local} does not exist;"
            " set KUBECONFIG to a kubeconfig file"
        )
    return str(local)


class _Source:
    """A kubeconfig (or, without one, the pod's service account) and what it said when it was last read."""

    def __init__(self, kubeconfig: str | None, context: str | None) -> None:
        self._kubeconfig = kubeconfig
        self._context = context
        self.configuration: Any = None

    async def load(self) -> None:
        """Reads it."""
        # Imported here because of what it costs; in a thread, so that the loop does not stand still for it.
        config, configuration_class = await asyncio.to_thread(_import_configuration)
        loaded = configuration_class()
        try:
            if self._kubeconfig:
                await config.load_kube_config(
                    config_file=self._kubeconfig,
                    context=self._context,
                    client_configuration=loaded,
                    persist_config=False,
                )
            else:
                config.load_incluster_config(client_configuration=loaded)
        except Exception as error:  # whatever a broken file makes of it: the YAML parser's errors, KeyError, OSError
            where = self._kubeconfig or "the pod's service account"
            raise ConfigurationError(f"Kubernetes configuration {where}: {error or type(error).__name__}") from error
        self.configuration = loaded

    async def headers(self) -> Headers:
        """Who we are. The library renews a service account's token from its file every minute."""
        token = await self.configuration.get_api_key_with_prefix("BearerToken")
        if token:
            return {"Authorization": str(token)}
        if self.configuration.username:
            login = f"{self.configuration.username}:{self.configuration.password or ''}"
            return {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
        return {}


def _import_configuration() -> tuple[Any, Any]:
    from kubernetes_asyncio import config
    from kubernetes_asyncio.client.configuration import Configuration

    return config, Configuration


def _tls(loaded: Any) -> ssl.SSLContext | None:
    if not str(loaded.host).startswith("https:"):
        return None
    tls = ssl.create_default_context(cafile=loaded.ssl_ca_cert)
    # Python 3.13 refuses authorities without key identifiers, which small distributions have; kubectl takes them.
    tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if loaded.cert_file:
        tls.load_cert_chain(loaded.cert_file, loaded.key_file)
    if not loaded.verify_ssl:  # insecure-skip-tls-verify: true
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    return tls
