"""Requests as tests write them: one line each, answered with the status and the body."""

from typing import Any

import aiohttp
import orjson

# Answered JSON, of whatever shape.
Json = Any

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class Calls:
    """Sends requests to a server; every path begins with /api or /apis."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def send(
        self, method: str, path: str, body: Json = None, *, content_type: str = "application/json", accept: str = "*/*"
    ) -> tuple[int, Json]:
        """Send a request; return the status and the decoded body."""
        data = None if body is None else orjson.dumps(body)
        headers = {"Content-Type": content_type, "Accept": accept} if data is not None else {"Accept": accept}
        async with self._session.request(method, self._url + path, data=data, headers=headers) as response:
            payload = await response.read()
            is_json = response.content_type == "application/json"
            return response.status, orjson.loads(payload) if is_json else payload.decode()

    async def warnings(self, method: str, path: str, body: Json = None) -> list[str]:
        """Send a request; return the Warning headers of the answer."""
        data = None if body is None else orjson.dumps(body)
        async with self._session.request(method, self._url + path, data=data) as response:
            assert response.status < 300, await response.text()
            return response.headers.getall("Warning", [])

    async def get(self, path: str) -> Json:
        """GET what has to be there."""
        status, body = await self.send("GET", path)
        assert status == 200, body
        return body

    async def create(self, path: str, body: Json) -> Json:
        """POST what has to be taken."""
        status, answer = await self.send("POST", path, body)
        assert status == 201, answer
        return answer

    async def patch(self, path: str, patch: Json, *, content_type: str = MERGE) -> tuple[int, Json]:
        """PATCH."""
        return await self.send("PATCH", path, patch, content_type=content_type)

    async def refused(self, path: str, body: Json, *, code: int = 422) -> list[tuple[str, str]]:
        """POST what has to be refused; return the causes as (reason, field)."""
        status, answer = await self.send("POST", path, body)
        assert status == code, answer
        return causes(answer)

    async def refused_change(
        self, path: str, patch: Json, *, code: int = 422, content_type: str = MERGE
    ) -> list[tuple[str, str]]:
        """PATCH what has to be refused; return the causes as (reason, field)."""
        status, answer = await self.send("PATCH", path, patch, content_type=content_type)
        assert status == code, answer
        return causes(answer)

    async def table(self, path: str) -> tuple[list[str], list[list[Json]]]:
        """GET a collection as a Table; return the columns' names and the rows' cells."""
        accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
        status, body = await self.send("GET", path, accept=accept)
        assert status == 200, body
        return [column["name"] for column in body["columnDefinitions"]], [row["cells"] for row in body["rows"]]


def causes(status: Json) -> list[tuple[str, str]]:
    """The causes of a Status as (reason, field)."""
    return [(cause["reason"], cause["field"]) for cause in status["details"]["causes"]]
