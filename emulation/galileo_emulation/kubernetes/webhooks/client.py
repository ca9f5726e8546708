"""Asking a webhook over HTTP: its URL or its service's address, its certificate, and how long it may take."""

import asyncio
import ssl
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from ..apiobjects import JsonObject
from ..storage.store import Store
from .configuration import Webhook
from .configuration_rules import ca_text
from .service_address import NoAddressError, address_of

_LARGEST_ANSWER_BYTES = 3 * 1024 * 1024


class CallError(Exception):
    """A webhook could not be asked, or did not answer; the message says why."""


class WebhookClient:
    """Asks webhooks. Opens connections with the first question; `close` ends them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, webhook: Webhook, body: bytes) -> bytes:
        """Send a question and return what was answered. Raises CallError."""
        url = shown_url(webhook)
        try:
            target, server_name = self._target(webhook.client)
            async with asyncio.timeout(webhook.timeout_s):
                return await self._post(target, server_name, webhook, body)
        except TimeoutError:
            raise CallError(f'Post "{url}": context deadline exceeded') from None
        except (aiohttp.ClientError, NoAddressError, OSError, ssl.SSLError) as error:
            raise CallError(f'Post "{url}": {error}') from None

    async def _post(self, target: str, server_name: str | None, webhook: Webhook, body: bytes) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if server_name:
            headers["Host"] = server_name
        async with self._session.post(
            target,
            params={"timeout": f"{webhook.timeout_s}s"},
            data=body,
            headers=headers,
            ssl=_verification(webhook.client.get("caBundle", "")),
            server_hostname=server_name,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as response:
            answer = await response.content.read(_LARGEST_ANSWER_BYTES)
            if response.status != 200:
                raise CallError(f'Post "{shown_url(webhook)}": the server answered {response.status}')
            return answer

    def _target(self, client: JsonObject) -> tuple[str, str | None]:
        """The URL to go to, and the name that the certificate has to be for where that is another one."""
        if "url" in client:
            return client["url"], None
        service = client["service"]
        host, port = address_of(self._store, service)
        target = urlunsplit(("https", f"{host}:{port}", service.get("path", "/"), "", ""))
        return target, f"{service['name']}.{service['namespace']}.svc"

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def shown_url(webhook: Webhook) -> str:
    """The URL as messages name it."""
    client = webhook.client
    if "url" in client:
        base = urlsplit(client["url"])
        return urlunsplit((base.scheme, base.netloc, base.path, f"timeout={webhook.timeout_s}s", ""))
    service = client["service"]
    host = f"{service['name']}.{service['namespace']}.svc:{service['port']}"
    return f"https://{host}{service.get('path', '/')}?timeout={webhook.timeout_s}s"


@lru_cache(maxsize=64)
def _verification(ca_bundle: str) -> ssl.SSLContext:
    """What certificates have to stand up to: the given authorities, or else the machine's."""
    if not ca_bundle:
        return ssl.create_default_context()
    return ssl.create_default_context(cadata=ca_text(ca_bundle))
