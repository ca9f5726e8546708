"""Config maps and secrets: texts become data, types say what must be there, and what is immutable stays."""

import base64
from typing import Any

import pytest
from galileo_emulation.kubernetes.checks.content import config_map_causes

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import CONFIG_MAPS, SECRETS

INVALID, REQUIRED, FORBIDDEN = "FieldValueInvalid", "FieldValueRequired", "FieldValueForbidden"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def secret(**fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": "s"}, **fields}


async def test_texts_of_a_secret_become_data(calls: Calls) -> None:
    made = await calls.create(SECRETS, secret(data={"a": encoded("1"), "b": encoded("2")}, stringData={"b": "3"}))
    assert made["data"] == {"a": encoded("1"), "b": encoded("3")}
    assert (made["type"], "stringData" in made) == ("Opaque", False)
    _, patched = await calls.patch(f"{SECRETS}/s", {"stringData": {"c": "4"}})
    assert patched["data"]["c"] == encoded("4")


async def test_data_that_is_not_base64_is_refused_at_the_door(calls: Calls) -> None:
    status, refusal = await calls.send("POST", SECRETS, secret(data={"a": "not base64!"}))
    assert (status, refusal["reason"]) == (400, "BadRequest")
    assert "data.a" in refusal["message"]


@pytest.mark.parametrize(
    ("fields", "causes"),
    [
        ({"type": "kubernetes.io/tls"}, [(REQUIRED, "data[tls.crt]"), (REQUIRED, "data[tls.key]")]),
        ({"type": "kubernetes.io/ssh-auth"}, [(REQUIRED, "data[ssh-privatekey]")]),
        (
            {"type": "kubernetes.io/basic-auth"},
            [(REQUIRED, "data[username]"), (REQUIRED, "data[password]")],
        ),
        (
            {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "{"}},
            [(INVALID, "data[.dockerconfigjson]")],
        ),
        (
            {"type": "kubernetes.io/service-account-token"},
            [(REQUIRED, "metadata.annotations[kubernetes.io/service-account.name]")],
        ),
        ({"stringData": {"a/b": "x"}}, [(INVALID, "data[a/b]")]),
    ],
)
async def test_a_secret_holds_what_its_type_says(
    calls: Calls, fields: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(SECRETS, secret(**fields)) == causes


async def test_a_secret_keeps_its_type(calls: Calls) -> None:
    await calls.create(SECRETS, secret())
    assert await calls.refused_change(f"{SECRETS}/s", {"type": "example/other"}) == [(INVALID, "type")]


@pytest.mark.parametrize("place", [SECRETS, CONFIG_MAPS])
async def test_what_is_immutable_stays(calls: Calls, place: str) -> None:
    await calls.create(place, {"metadata": {"name": "s"}, "data": {"a": "YQ=="}, "immutable": True})
    path = f"{place}/s"
    assert await calls.refused_change(path, {"data": {"a": "Yg=="}}) == [(FORBIDDEN, "data")]
    assert await calls.refused_change(path, {"immutable": False}) == [(FORBIDDEN, "immutable")]
    assert (await calls.patch(path, {"metadata": {"labels": {"a": "b"}}}))[0] == 200


async def test_a_key_of_a_config_map_stands_once_and_fits_a_file(calls: Calls) -> None:
    body = {"metadata": {"name": "c"}, "data": {"a": "1", "..": "2"}, "binaryData": {"a": "YQ=="}}
    assert await calls.refused(CONFIG_MAPS, body) == [(INVALID, "data[a]"), (INVALID, "data[..]")]


def test_a_config_map_holds_a_mebibyte() -> None:
    full = {"data": {"a": "x" * 1024 * 1024}}
    assert config_map_causes(full) == []
    (cause,) = config_map_causes({"data": {**full["data"], "b": "x"}})
    assert cause.reason == "FieldValueTooLong"
