"""Calling webhooks for one request: those that change the object one after the other, those that judge it all at once.

A webhook that was asked before another one changed the object is asked once more, if its configuration wants that
(reinvocationPolicy). One that fails counts as if it had not been there (failurePolicy Ignore), or refuses the request.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from ..apiobjects import JsonObject, copied
from ..errors import ApiError, bad_request, internal_error
from ..operations.patches import JSON_PATCH, patched
from ..operations.reviewing import Stage
from ..storage.store import Store
from ..types.structures import DEDUCED
from .attributes import Attributes
from .client import CallError, WebhookClient
from .configuration import Webhook
from .matching import ConditionError, conditions_hold, seen_as
from .review import Answer, AnswerError, question, read_answer


class Dispatcher:
    """Asks the webhooks of a store. What they warn of is added to `warnings`, which belong to one request."""

    def __init__(self, store: Store, client: WebhookClient) -> None:
        self._store = store
        self._client = client

    async def mutate(
        self, webhooks: Sequence[Webhook], attributes: Attributes, warnings: list[str]
    ) -> JsonObject | None:
        """The object as the webhooks want it, None for a deletion. Raises ApiError when it is refused."""
        asked_before: list[Webhook] = []
        again: list[Webhook] = []
        for webhook in webhooks:
            attributes, changed = await self._mutate_one(webhook, attributes, warnings)
            if changed:
                again += [earlier for earlier in asked_before if earlier not in again]
            if webhook.reinvoked and seen_as(webhook, attributes, self._store) is not None:
                asked_before.append(webhook)
        for webhook in [webhook for webhook in webhooks if webhook in again]:
            attributes, _ = await self._mutate_one(webhook, attributes, warnings)
        return attributes.body

    async def validate(self, webhooks: Sequence[Webhook], attributes: Attributes, warnings: list[str]) -> None:
        """Have the object judged. Raises ApiError when a webhook refuses it."""
        asked = [self._ask(webhook, attributes, "validating") for webhook in webhooks]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, Answer):
                warnings += answer.warnings
        for webhook, answer in zip(webhooks, answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            if answer is not None and not answer.allowed:
                raise denied(webhook, answer.status)

    async def _mutate_one(
        self, webhook: Webhook, attributes: Attributes, warnings: list[str]
    ) -> tuple[Attributes, bool]:
        answer = await self._ask(webhook, attributes, "mutating")
        if answer is None:
            return attributes, False
        warnings += answer.warnings
        if not answer.allowed:
            raise denied(webhook, answer.status)
        if not answer.patch:
            return attributes, False
        body = self._patched(webhook, attributes, answer.patch)
        return replace(attributes, body=body), body != attributes.body

    def _patched(self, webhook: Webhook, attributes: Attributes, patch: bytes) -> JsonObject:
        seen = seen_as(webhook, attributes, self._store) or attributes
        if seen.body is None:
            what = f'admission webhook "{webhook.name}" attempted to modify the object'
            raise internal_error(f"{what}, which is not supported for this operation")
        try:
            body = patched(JSON_PATCH, patch, copied(seen.body), DEDUCED)
        except ApiError as error:
            raise internal_error(f'the patch of admission webhook "{webhook.name}" does not apply: {error}') from None
        assert attributes.body is not None
        return {**body, "apiVersion": attributes.body["apiVersion"], "kind": attributes.body["kind"]}

    async def _ask(self, webhook: Webhook, attributes: Attributes, stage: Stage) -> Answer | None:
        """The webhook's answer; None when it does not want to see the request, or failed and is to be passed over."""
        try:
            return await self._answer(webhook, attributes, stage)
        except (ConditionError, CallError, AnswerError) as error:
            if webhook.fail_open:
                return None
            raise _failure(webhook, error) from None

    async def _answer(self, webhook: Webhook, attributes: Attributes, stage: Stage) -> Answer | None:
        seen = seen_as(webhook, attributes, self._store)
        if seen is None or not conditions_hold(webhook, seen):
            return None
        if attributes.dry_run and webhook.side_effects not in ("None", "NoneOnDryRun"):
            raise bad_request(f'admission webhook "{webhook.name}" does not support dry run')
        uid = self._store.new_uid()
        payload = await self._client.ask(webhook, question(seen, attributes, uid=uid))
        return read_answer(payload, uid=uid, stage=stage)


def _failure(webhook: Webhook, error: ConditionError | CallError | AnswerError) -> ApiError:
    """The refusal of a request because a webhook failed."""
    if isinstance(error, ConditionError):
        return ApiError(403, "Forbidden", f'admission webhook "{webhook.name}": {error}', {})
    what = "failed to call webhook" if isinstance(error, CallError) else "received invalid webhook response"
    return internal_error(f'failed calling webhook "{webhook.name}": {what}: {error}')


def denied(webhook: Webhook, status: JsonObject) -> ApiError:
    """The refusal that a webhook asked for: its code, reason and details, and its message after the webhook's name."""
    said = status.get("message") or status.get("reason")
    by = f'admission webhook "{webhook.name}" denied the request'
    message = f"{by}: {said}" if said else f"{by} without explanation"
    code = status.get("code")
    details = status.get("details")
    return ApiError(
        code if isinstance(code, int) and 400 <= code < 600 else 400,
        status.get("reason") or None,
        message,
        details if isinstance(details, dict) else None,
    )
