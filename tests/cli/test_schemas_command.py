"""`galileo schemas`: the published schemas are current, and no change of them breaks others unnoticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from galileo_cli.__main__ import main
from galileo_cli.documents.schema_folder import ASYNCAPI, documents, published_in
from galileo_schemas.json_schema.published import what_breaks

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "schemas" / "published"


def test_the_published_schemas_are_what_would_be_written_now() -> None:
    now = documents()
    files = {path.relative_to(PUBLISHED).as_posix() for path in PUBLISHED.rglob("*") if path.is_file()}
    stale = [name for name in now if not (PUBLISHED / name).is_file() or (PUBLISHED / name).read_text() != now[name]]
    assert (stale, files - now.keys()) == ([], set()), "run galileo schemas --out schemas/published"


def test_no_change_breaks_who_holds_to_the_published_schemas() -> None:
    assert what_breaks(published_in(PUBLISHED), documents()) == []


def written(folder: Path) -> Path:
    assert main(["schemas", "--out", str(folder)]) == 0
    return folder


def changed(path: Path, change: Callable[[Any], None]) -> None:
    schema = json.loads(path.read_text())
    change(schema)
    path.write_text(json.dumps(schema))


def test_a_folder_gets_a_schema_for_each_event_and_the_document(tmp_path: Path) -> None:
    folder = written(tmp_path / "new" / "schemas")
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")} == documents().keys()
    assert json.loads((folder / "events" / "pod" / "create.json").read_text())["title"] == "pod/create"


def test_the_document_is_printed_without_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas"]) == 0
    assert capsys.readouterr().out == documents()[ASYNCAPI]


def test_what_others_could_not_follow_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path)
    path = folder / "events" / "weight_update.json"
    changed(path, lambda schema: schema["properties"].update(reason={"type": "string"}))
    before = path.read_text()
    assert main(["schemas", "--out", str(folder)]) == 1
    assert "events/weight_update.json: $.reason: the field is gone" in capsys.readouterr().err
    assert path.read_text() == before
    assert main(["schemas", "--out", str(folder), "--breaking"]) == 0
    assert path.read_text() == documents()["events/weight_update.json"]


def test_a_narrowed_type_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path)
    weights = folder / "events" / "weight_update.json"
    numbers = {"type": "array", "items": {"type": "number"}}
    changed(weights, lambda schema: schema["$defs"]["Weights"]["properties"].update(weights=numbers))
    assert main(["schemas", "--out", str(folder)]) == 1
    assert "$.weights.weights[]: number is no longer accepted, expected integer" in capsys.readouterr().err


def test_an_event_that_is_gone_is_told_and_its_file_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path)
    old = folder / "events" / "of_yesterday.json"
    old.write_text('{"type": "object", "properties": {}}')
    assert main(["schemas", "--out", str(folder)]) == 1
    assert "events/of_yesterday.json: the event is gone" in capsys.readouterr().err
    assert main(["schemas", "--out", str(folder), "--breaking"]) == 0
    assert not old.exists()


@pytest.mark.parametrize("text", ["no JSON", '{"$ref": "#/$defs/None"}'])
def test_what_this_did_not_write_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    folder = written(tmp_path)
    (folder / "events" / "fault.json").write_text(text)
    assert main(["schemas", "--out", str(folder)]) == 2
    assert "expected schemas that this command wrote" in capsys.readouterr().err


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["schemas", "--out", str(tmp_path / "file")]) == 2
    assert "expected a folder" in capsys.readouterr().err
