"""What holds of server-side apply and of managers, whatever is applied and written."""

from typing import Any

from galileo_emulation.kubernetes.kinds import DEPLOYMENTS
from galileo_emulation.kubernetes.managers.apply import Application, ConflictsError, applied
from galileo_emulation.kubernetes.managers.field_sets import difference, paths
from galileo_emulation.kubernetes.managers.field_tracking import NEVER_OWNED, Writer, created, tracked
from galileo_emulation.kubernetes.managers.managed_fields import Entries, as_objects, read_entries
from galileo_emulation.kubernetes.managers.ownership import differences, fields_of
from galileo_emulation.kubernetes.types.built_in_structures import structure_of
from hypothesis import given
from hypothesis import strategies as st

# Objects as JSON has them.
Json = dict[str, Any]

STRUCTURE = structure_of(DEPLOYMENTS)
MOMENT = "2024-05-05T00:00:00Z"
NOTHING: Json = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}

_VALUES = st.sampled_from(["1", "2", "3"])


def texts(names: str) -> st.SearchStrategy[Json]:
    return st.dictionaries(st.sampled_from(names), _VALUES, min_size=1)


@st.composite
def containers(draw: st.DrawFn, names: str) -> list[Json]:
    made = []
    for name in draw(st.lists(st.sampled_from(names), unique=True, min_size=1)):
        container: Json = {"name": name}
        if draw(st.booleans()):
            container["image"] = draw(_VALUES)
        variables = draw(st.lists(st.sampled_from("UVW"), unique=True))
        if variables:
            container["env"] = [{"name": variable, "value": draw(_VALUES)} for variable in variables]
        ports = draw(st.lists(st.tuples(st.sampled_from([80, 81]), st.sampled_from(["TCP", "UDP", ""])), unique=True))
        known = {(port, protocol or "TCP"): protocol for port, protocol in ports}
        if known:
            container["ports"] = [
                {"containerPort": port, **({"protocol": protocol} if protocol else {})}
                for (port, _), protocol in known.items()
            ]
        made.append(container)
    return made


@st.composite
def configurations(draw: st.DrawFn, names: str = "abc", *, alone: bool = True) -> Json:
    """A deployment; of two with other `names` of which one is not `alone`, no field is in both."""
    metadata: Json = {"name": "web"}
    spec: Json = {}
    pod: Json = {}
    for field in ("labels", "annotations"):
        if draw(st.booleans()):
            metadata[field] = draw(texts(names))
    if draw(st.booleans()):
        metadata["finalizers"] = draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    if draw(st.booleans()):
        pod["containers"] = draw(containers(names))
    if alone and draw(st.booleans()):
        spec["replicas"] = draw(st.integers(0, 3))
    if alone and draw(st.booleans()):
        pod["tolerations"] = [{"key": draw(_VALUES)}]
        pod["nodeSelector"] = draw(texts(names))
    if pod:
        spec["template"] = {"spec": pod}
    return {**NOTHING, "metadata": metadata, **({"spec": spec} if spec else {})}


def apply(
    live: Json, entries: Entries, configuration: Json, manager: str, *, force: bool = False
) -> tuple[Json, Entries]:
    application = Application(configuration, Writer(manager, "apps/v1"), MOMENT, force=force)
    return applied(STRUCTURE, live, entries, application)


def settled(value: Any) -> Any:
    """A value as it is stored: without nulls and empty maps and lists."""
    if isinstance(value, dict):
        kept = {name: settled(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, {}, [])}
    return [settled(item) for item in value] if isinstance(value, list) else value


def owned(entries: Entries, manager: str) -> frozenset[tuple[str, ...]]:
    return frozenset(path for entry in entries if entry.manager == manager for path in paths(entry.field_set))


def stated(configuration: Json) -> frozenset[tuple[str, ...]]:
    return frozenset(paths(difference(fields_of(STRUCTURE, configuration), NEVER_OWNED)))


@given(configurations())
def test_a_first_applier_manages_exactly_what_it_sent(configuration: Json) -> None:
    document, entries = apply({}, (), configuration, "alpha")
    assert document == configuration
    assert owned(entries, "alpha") == stated(configuration)


@given(configurations())
def test_applying_twice_is_applying_once(configuration: Json) -> None:
    once = apply({}, (), configuration, "alpha")
    assert apply(settled(once[0]), once[1], configuration, "alpha") == once


@given(configurations(), configurations())
def test_an_only_applier_gets_what_it_applied_last(first: Json, second: Json) -> None:
    document, entries = apply({}, (), first, "alpha")
    document, entries = apply(document, entries, second, "alpha")
    assert settled(document) == settled(second)
    assert owned(entries, "alpha") == stated(second)


@given(configurations("abc"), configurations("xyz", alone=False))
def test_appliers_of_different_fields_never_conflict(one: Json, other: Json) -> None:
    document, entries = apply({}, (), one, "alpha")
    document, entries = apply(document, entries, other, "beta")
    assert owned(entries, "alpha") == stated(one)
    assert owned(entries, "beta") == stated(other)
    document, entries = apply(document, entries, NOTHING, "alpha")
    assert settled(document) == settled(other)


@given(configurations())
def test_what_two_apply_stays_until_both_have_given_it_up(configuration: Json) -> None:
    document, entries = apply({}, (), configuration, "alpha")
    document, entries = apply(document, entries, configuration, "beta")
    document, entries = apply(document, entries, NOTHING, "alpha")
    assert settled(document) == settled(configuration)
    document, entries = apply(document, entries, NOTHING, "beta")
    assert settled(document) == NOTHING
    assert entries == ()


@given(configurations(), configurations())
def test_force_wins_and_without_it_nothing_is_taken(one: Json, other: Json) -> None:
    document, entries = apply({}, (), one, "alpha")
    forced, after = apply(document, entries, other, "beta", force=True)
    assert owned(after, "beta") == stated(other)
    repeated, _ = apply(settled(forced), after, other, "beta")
    assert settled(repeated) == settled(forced)
    conflicts: set[tuple[str, ...]] = set()
    try:
        apply(document, entries, other, "beta")
    except ConflictsError as error:
        conflicts = {conflict.path for conflict in error.conflicts}
    assert conflicts == owned(entries, "alpha") - owned(after, "alpha")


@given(st.lists(st.tuples(st.sampled_from(["one", "two", "three"]), configurations()), min_size=1, max_size=6))
def test_nobody_manages_what_is_not_there_and_nothing_written_is_without_manager(
    writes: list[tuple[str, Json]],
) -> None:
    (manager, body), *later = writes
    entries = created(STRUCTURE, body, Writer(manager, "apps/v1"), moment=MOMENT, ignored=())
    for manager, after in later:
        if entries:
            entries = tracked(STRUCTURE, body, after, entries, Writer(manager, "apps/v1"), moment=MOMENT)
            body = after
    present = frozenset(paths(difference(differences(STRUCTURE, {}, body).written, NEVER_OWNED)))
    managed = frozenset(path for entry in entries for path in paths(entry.field_set))
    assert managed == present
    assert sum(len(list(paths(entry.field_set))) for entry in entries) == len(managed)


@given(configurations(), configurations())
def test_entries_come_back_from_their_json(one: Json, other: Json) -> None:
    document, entries = apply({}, (), one, "alpha")
    _, entries = apply(document, entries, other, "beta", force=True)
    assert read_entries(as_objects(entries)) == entries
