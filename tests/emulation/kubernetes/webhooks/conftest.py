"""A webhook server for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.emulation.kubernetes.webhooks.webhook_server import WebhookServer, serving


@pytest.fixture
async def hooks() -> AsyncIterator[WebhookServer]:
    async with serving() as server:
        yield server
