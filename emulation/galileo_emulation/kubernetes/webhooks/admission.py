"""Running a request so that webhooks review it: the operation asks, the webhooks answer, the operation runs again."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

import orjson

from ..apiobjects import JsonObject, copied
from ..errors import ApiError, internal_error, modified_meanwhile
from ..kind import Kind
from ..operations.reviewing import Stage, Unreviewed, Wish, reviewed_by
from ..operations.scale import scaled
from ..storage.store import Store
from ..types.fields import FieldError, read
from .attributes import Attributes, attributes_of
from .client import WebhookClient
from .configuration import Configurations, Webhook
from .dispatch import Dispatcher
from .matching import seen_as

# So often an object may change under a request's hands before the client is told so.
_MOST_QUESTIONS = 5

Key: TypeAlias = tuple[object, ...]
Result = TypeVar("Result")


class Answers:
    """The webhooks' answers to one request, and which webhooks to ask for more. A `Reviewer` of operations."""

    def __init__(self, store: Store, configurations: Configurations, subresource: str, options: JsonObject) -> None:
        self.warnings: list[str] = []
        self._store = store
        self._configurations = configurations
        self._subresource = subresource
        self._options = options
        self._given: dict[Key, JsonObject | None] = {}
        self._last_mutated: Key = ()

    def mutated(self, wish: Wish) -> JsonObject | None:
        """The object as webhooks want it."""
        key: Key = ("mutating", *wish.key)
        self._last_mutated = key
        return self._given_for("mutating", wish, key)

    def accepted(self, wish: Wish) -> JsonObject | None:
        """The object that webhooks have accepted."""
        # A new object has another uid every time it is made; what it is made of tells whether it is the same.
        return self._given_for("validating", wish, ("validating", *self._last_mutated))

    def _given_for(self, stage: Stage, wish: Wish, key: Key) -> JsonObject | None:
        if key not in self._given:
            if not self.interested(stage, self.attributes(wish)):
                return wish.body
            raise Unreviewed(stage, wish, key)
        given = self._given[key]
        return copied(given) if given is not None else None

    def give(self, question: Unreviewed, answer: JsonObject | None) -> None:
        """Keep an answer."""
        self._given[question.key] = answer

    def attributes(self, wish: Wish) -> Attributes:
        """What webhooks are told of an operation."""
        return attributes_of(wish, self._subresource, self._options)

    def interested(self, stage: Stage, attributes: Attributes) -> list[Webhook]:
        """The webhooks that want to see a request."""
        wanted = [webhook for webhook in self._configurations[stage] if seen_as(webhook, attributes, self._store)]
        # A change by one webhook may make an object that another one looks for.
        return list(self._configurations[stage]) if wanted and stage == "mutating" else wanted

    def taken_over(self, wish: Wish, body: JsonObject | None) -> JsonObject | None:
        """What the webhooks made of an object, read as its kind. Raises ApiError (500) where it no longer is one."""
        if body is None or wish.body is None:
            return None
        if self._subresource == "scale":
            return scaled(wish.kind, wish.body, body)
        return _read(wish.kind, body)


def _read(kind: Kind, raw: JsonObject) -> JsonObject:
    try:
        body = (read(kind.schema, raw) if kind.custom is None else kind.custom.read(raw)).body
    except FieldError as error:
        raise internal_error(f"the object is no {kind.kind} after admission webhooks changed it: {error}") from None
    body.pop("kind", None)
    body.pop("apiVersion", None)
    body.setdefault("metadata", {})
    return body if kind.view is None else kind.view.take(body)


class Admissions:
    """Has the webhooks of a store review requests. Costs nothing while there are none."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._configurations = Configurations(store)
        self._client = WebhookClient(store)
        self._dispatcher = Dispatcher(store, self._client)

    @property
    def needed(self) -> bool:
        """Whether there is any webhook."""
        return bool(self._configurations)

    async def close(self) -> None:
        """End the connections to webhooks."""
        await self._client.close()

    async def reviewed(
        self, subresource: str, options: JsonObject, run: Callable[[], Awaitable[Result]]
    ) -> tuple[Result, list[str]]:
        """Run a request until it goes through or is refused; return its result and what webhooks warn of.

        `run` is called anew after every answer, and must not change anything before it has all. Raises ApiError.
        """
        answers = Answers(self._store, self._configurations, subresource, options)
        asked: Counter[Key] = Counter()
        try:
            while True:
                try:
                    with reviewed_by(answers):
                        return await run(), answers.warnings
                except Unreviewed as question:
                    wish = question.wish
                    asked[question.stage, wish.kind.key, wish.namespace, wish.name] += 1
                    if max(asked.values()) > _MOST_QUESTIONS:
                        raise modified_meanwhile(wish.kind, wish.name) from None
                    answers.give(question, await self._answer(answers, question))
        except ApiError as error:
            error.warnings += answers.warnings
            raise

    async def _answer(self, answers: Answers, question: Unreviewed) -> JsonObject | None:
        wish, attributes = question.wish, answers.attributes(question.wish)
        webhooks = answers.interested(question.stage, attributes)
        if question.stage == "mutating":
            body = await self._dispatcher.mutate(webhooks, attributes, answers.warnings)
            return answers.taken_over(wish, body)
        await self._dispatcher.validate(webhooks, attributes, answers.warnings)
        return wish.body

    async def review_sent(self, attributes: Attributes) -> list[str]:
        """Have reviewed what is sent to a subresource that stores nothing of it, such as a binding.

        Returns what webhooks warn of. Raises ApiError: also (500) when a webhook changes what was sent, which cannot be
        passed on.
        """
        answers = Answers(self._store, self._configurations, attributes.subresource, {})
        webhooks = answers.interested("mutating", attributes)
        judges = answers.interested("validating", attributes)
        if not webhooks and not judges:
            return []
        try:
            if await self._dispatcher.mutate(webhooks, attributes, answers.warnings) != attributes.body:
                what = f"{attributes.kind.plural}/{attributes.subresource}"
                raise internal_error(f"admission webhooks cannot change what is sent to {what} here")
            await self._dispatcher.validate(judges, attributes, answers.warnings)
        except ApiError as error:
            error.warnings += answers.warnings
            raise
        return answers.warnings


def sent_body(payload: bytes) -> JsonObject | None:
    """What was sent, where it is an object; whether it has to be one, is said by the operation."""
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None
