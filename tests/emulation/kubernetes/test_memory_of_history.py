"""What the history costs: old forms are kept as JSON, and no more bytes of them than are allowed."""

import random

import orjson
import pytest
from galileo_emulation.kubernetes import Store
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.http.representation import Form, Presenter
from galileo_emulation.kubernetes.kinds import CONFIG_MAPS, PODS
from galileo_emulation.kubernetes.selectors import Selection, select
from galileo_emulation.kubernetes.storage.history import Change, History, Stored
from galileo_emulation.kubernetes.storage.watches import Watch, WatchRequest
from hypothesis import given
from hypothesis import strategies as st


class Tree(dict[str, object]):
    """A tree whose end can be seen."""


def a_life(history: History, steps: int, text: str = "") -> list[Stored]:
    """One object that changes so often, from version 1 on; all its forms."""
    forms: list[Stored] = []
    for version in range(1, steps + 1):
        body: JsonObject = Tree(metadata={"name": "a"}, data={"n": str(version), "text": text})
        forms.append(Stored.of(body, version))
        before = forms[-2] if len(forms) > 1 else None
        history.append(Change("default/a", version, before, forms[-1], forms[-1]))
    return forms


def test_old_forms_lose_their_trees_and_say_the_same() -> None:
    history = History(floor=0, length=1000, with_trees=3)
    forms = a_life(history, 20)
    with_trees = [form for form in forms if isinstance(form.body, Tree)]
    assert with_trees == forms[-4:], "the present form, and those that the three newest changes replaced"
    assert [form.body["data"]["n"] for form in forms] == [str(version) for version in range(1, 21)]
    assert [change.version for change in history.since(0)] == list(range(1, 21))


def test_the_present_form_never_loses_its_tree() -> None:
    history = History(floor=0, length=1000, with_trees=2)
    kept = Stored.of(Tree(metadata={"name": "kept"}), 1)
    history.append(Change("default/kept", 1, None, kept, kept))
    for version in range(2, 50):
        other = Stored.of({"metadata": {"name": "b"}}, version)
        history.append(Change("default/b", version, None, other, other))
    assert isinstance(kept.body, Tree)


def test_large_changes_are_forgotten_earlier() -> None:
    history = History(floor=0, length=1000, largest_bytes=100_000)
    a_life(history, 900, text="x" * 1000)
    known = history.since(history.floor)
    size = sum(len(change.last.encoded) for change in known)
    assert 80_000 < size <= 100_000
    assert known[0].version == history.floor + 1
    assert known[-1].version == 900


@given(st.lists(st.sampled_from(["put a", "put b", "remove a", "remove b"]), max_size=30), st.integers(0, 3))
def test_every_moment_is_rebuilt_as_it_was(steps: list[str], with_trees: int) -> None:
    history = History(floor=0, length=1000, with_trees=with_trees)
    present: dict[str, Stored] = {}
    moments: list[dict[str, str]] = [{}]
    for version, step in enumerate(steps, start=1):
        verb, key = step.split()
        before = present.get(key)
        if verb == "put":
            after = Stored.of({"metadata": {"name": key}, "data": {"n": str(version)}}, version)
            history.append(Change(key, version, before, after, after))
            present[key] = after
        elif before is not None:
            history.append(Change(key, version, before, None, before.at(version)))
            del present[key]
        moments.append({name: stored.body["data"]["n"] for name, stored in present.items()})
    for version, moment in enumerate(moments):
        rebuilt = history.as_of(version, present)
        assert {name: stored.body["data"]["n"] for name, stored in rebuilt.items()} == moment


def watching(store: Store, selection: Selection, form: Form = Form.WHOLE) -> Watch:
    presenter = Presenter(CONFIG_MAPS, form, include="", now=store.now)
    return Watch(store, CONFIG_MAPS, "default", selection, presenter.event_object, presenter.shared_form)


@pytest.mark.looptime
@pytest.mark.parametrize("changes", [5, 1500])
async def test_watchers_of_one_form_see_the_same_and_each_its_own_events(changes: int) -> None:
    """Also those that come so late that what they look at has been folded."""
    store = Store(now=lambda: 1_700_000_000.0, rng=random.Random(1))
    start = store.version
    for number in range(changes):
        labels = {"side": "left" if number % 2 else "right"}
        store.put(CONFIG_MAPS, {"metadata": {"name": "a", "namespace": "default", "labels": labels}})
    asked = WatchRequest(start=start, bookmarks=False, initial_end=False, timeout_s=1)
    seen = []
    for selector, form in (("", Form.WHOLE), ("", Form.WHOLE), ("side=left", Form.WHOLE), ("", Form.METADATA)):
        pieces = [piece async for piece in watching(store, select(CONFIG_MAPS, selector, ""), form).lines(asked)]
        seen.append([orjson.loads(line) for line in b"".join(pieces).splitlines()])
    everything, again, left, metadata = seen
    assert everything == again
    assert [event["type"] for event in everything] == ["ADDED", *["MODIFIED"] * (changes - 1)]
    assert [event["type"] for event in left[:4]] == ["ADDED", "DELETED", "ADDED", "DELETED"]
    assert [event["object"]["metadata"]["resourceVersion"] for event in left] == [
        event["object"]["metadata"]["resourceVersion"] for event in everything[1:]
    ]
    assert {event["object"]["kind"] for event in metadata} == {"PartialObjectMetadata"}


def test_forms_that_depend_on_the_moment_are_not_shared() -> None:
    def now() -> float:
        return 0.0

    assert Presenter(PODS, Form.TABLE, include="", now=now).shared_form is None
    assert Presenter(PODS, Form.WHOLE, include="", now=now).shared_form == (
        Presenter(PODS, Form.WHOLE, include="", now=now).shared_form
    )
