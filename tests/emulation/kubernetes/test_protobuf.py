"""The binary form of objects is read as JSON would have been, and refused with the place where it is broken."""

import base64

import aiohttp
import pytest
from galileo_emulation.kubernetes import ApiServer
from galileo_emulation.kubernetes.http.protobuf import MEDIA_TYPE, ProtobufError, decode
from hypothesis import given
from hypothesis import strategies as st

from tests.emulation.kubernetes.binary_form import envelope, field, metadata


def test_a_config_map_with_labels_and_data() -> None:
    label = field(11, field(1, b"app") + field(2, b"web"))
    raw = metadata("settings", label) + field(2, field(1, b"a") + field(2, b"b"))
    assert decode(envelope("v1", "ConfigMap", raw)) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "labels": {"app": "web"}},
        "data": {"a": "b"},
    }


def test_zero_replicas_are_told_and_other_zeros_are_left_out() -> None:
    spec = field(1, 0) + field(5, 0) + field(7, 0)
    decoded = decode(envelope("apps/v1", "Deployment", metadata("d") + field(2, spec)))
    assert decoded["spec"] == {"replicas": 0}


def test_a_status_that_a_newer_kubectl_writes_with_every_pod_of_its_making() -> None:
    status = field(3, field(17, 0) + field(2, field(1, b"Ready") + field(7, 2)))
    decoded = decode(envelope("v1", "Pod", metadata("p") + status))
    assert decoded["status"] == {"conditions": [{"type": "Ready", "observedGeneration": 2}]}


def test_structures_without_a_name_in_json_stand_beside_the_others() -> None:
    probe = field(1, field(2, field(1, b"/healthz") + field(2, field(1, 1) + field(3, b"web")))) + field(4, 7)
    container = field(1, b"c") + field(2, b"i") + field(11, probe)
    decoded = decode(envelope("v1", "Pod", metadata("p") + field(2, field(2, container))))
    probe_as_json = {"httpGet": {"path": "/healthz", "port": "web"}, "periodSeconds": 7}
    assert decoded["spec"]["containers"] == [{"name": "c", "image": "i", "readinessProbe": probe_as_json}]


def test_bytes_are_base64_and_quantities_are_texts() -> None:
    secret = decode(envelope("v1", "Secret", metadata("s") + field(2, field(1, b"k") + field(2, b"\x00\xff"))))
    assert secret["data"] == {"k": base64.b64encode(b"\x00\xff").decode()}
    request = field(2, field(1, b"cpu") + field(2, field(1, b"250m")))
    pod = decode(envelope("v1", "Pod", metadata("p") + field(2, field(2, field(1, b"c") + field(8, request)))))
    assert pod["spec"]["containers"][0]["resources"] == {"requests": {"cpu": "250m"}}


def test_negative_numbers_and_times() -> None:
    options = decode(envelope("policy/v1", "DeleteOptions", field(1, (1 << 64) - 1)))
    assert options == {"apiVersion": "policy/v1", "kind": "DeleteOptions", "gracePeriodSeconds": -1}
    moment = field(9, field(1, 1_700_000_000))
    decoded = decode(envelope("v1", "ConfigMap", metadata("c", moment)))
    assert decoded["metadata"]["deletionTimestamp"] == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        (envelope("v1", "ConfigMap", metadata("c"))[:-3][:-2] + b"\x12\x7f", "ends in the middle"),
        (envelope("v1", "Nothing", b""), "Nothing of v1"),
        (envelope("v1", "ConfigMap", field(99, b"")), "ConfigMap: field 99"),
        (envelope("v1", "ConfigMap", field(1, 5)), "ConfigMap.metadata: expected a structure"),
    ],
)
def test_what_is_broken_is_named_with_its_place(payload: bytes, place: str) -> None:
    with pytest.raises(ProtobufError, match=place):
        decode(payload)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(payload: bytes) -> None:
    try:
        decoded = decode(envelope("v1", "Pod", payload))
    except ProtobufError:
        return
    assert decoded["kind"] == "Pod"


async def test_an_object_in_the_binary_form_is_created(server: ApiServer, session: aiohttp.ClientSession) -> None:
    url = f"{server.url}/api/v1/namespaces/default/configmaps"
    payload = envelope("v1", "ConfigMap", metadata("c") + field(2, field(1, b"a") + field(2, b"b")))
    async with session.post(url, data=payload, headers={"Content-Type": MEDIA_TYPE}) as response:
        assert (response.status, (await response.json())["data"]) == (201, {"a": "b"})
    async with session.post(url, data=payload[:-9], headers={"Content-Type": MEDIA_TYPE}) as response:
        assert response.status == 400
        assert "ends in the middle" in (await response.json())["message"]
