"""`galileo new service` writes a service that is tested, runs, can be installed, and lacks nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from galileo_cli.__main__ import main

from tests.servers import RedisServer

BIN = Path(sys.executable).parent
FILES = {"hot_spots.py", "test_hot_spots.py", "README.md", "pyproject.toml"}


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder of a new service."""
    assert main(["new", "service", "hot_spots", "--dir", str(tmp_path)]) == 0
    folder = tmp_path / "hot_spots"
    told = capsys.readouterr().out
    assert all(str(folder / name) in told for name in FILES)
    return folder


def test_it_has_all_files_and_no_word_of_the_template_is_left(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == FILES
    for path in made.iterdir():
        assert "@name@" not in path.read_text()
        assert "@class@" not in path.read_text()
    assert "class HotSpots(Service):" in (made / "hot_spots.py").read_text()


def test_its_test_passes_as_written(made: Path) -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:looptime", "-W", "error", str(made)]
    done = subprocess.run(words, cwd=made.parent, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_its_test_fails_when_the_service_is_broken(made: Path) -> None:
    file = made / "hot_spots.py"
    file.write_text(file.read_text().replace("pressure > limit", "pressure < limit"))
    words = [sys.executable, "-m", "pytest", "-q", str(made)]
    done = subprocess.run(words, cwd=made.parent, capture_output=True, text=True, timeout=60, check=False)
    assert "2 failed" in done.stdout


def test_it_lacks_nothing(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(made / "hot_spots.py")]) == 0
    assert "hint" not in capsys.readouterr().out


def test_its_types_and_style_are_strict(made: Path) -> None:
    for words in (["mypy", "--strict"], ["ruff", "format", "--line-length", "120", "--check"]):
        done = subprocess.run(
            [str(BIN / words[0]), *words[1:], "."], cwd=made, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stdout


def test_it_runs(made: Path, shared_redis: Callable[[str], RedisServer]) -> None:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    environ = {**os.environ, "galileo_redis_url": server.url}
    process = subprocess.Popen(
        [str(BIN / "galileo"), "run", str(made / "hot_spots.py")], env=environ, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert json.loads(process.stdout.readline())["services"] == ["hot_spots"]
    finally:
        process.terminate()
        status = process.wait(10)
        process.stdout.close()
    assert status == 0


def test_once_installed_it_is_found_by_its_name(made: Path, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", str(site), str(made)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert main(["config", "hot_spots"]) == 0
    assert "hot_spots_limit = 0.5" in capsys.readouterr().out
    assert main(["check", "hot_spots"]) == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Hot-Spots", "'Hot-Spots': expected a name of lower-case words, such as hot_gateways"),
        ("../hot", "'../hot': expected a name of lower-case words, such as hot_gateways"),
        ("class", "'class': expected a name of lower-case words"),
        ("test_spots", "'test_spots': pytest would take it for a test"),
        ("gateway", "'gateway': there is such a service already"),
        ("json", "'json': there is a Python module of that name"),
        ("msgspec", "'msgspec': there is a Python module of that name"),
    ],
)
def test_a_bad_name_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, told: str) -> None:
    assert main(["new", "service", name, "--dir", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"galileo: {told}")
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays_as_it_is(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = made / "hot_spots.py"
    file.write_text("mine\n")
    assert main(["new", "service", "hot_spots", "--dir", str(made.parent)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"galileo: {file}: is there already, and is left as it is; choose another name"
    assert file.read_text() == "mine\n"


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "service", "hot_spots", "--dir", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err == f"galileo: --dir {tmp_path}/nowhere: there is no such folder\n"
