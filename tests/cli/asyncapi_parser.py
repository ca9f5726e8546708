"""AsyncAPI's own parser, from npm: installed once into pytest's cache, then run by node.

Without node and npm its tests are skipped, unless in CI, where a missing part is a failure.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

PARSER = "@asyncapi/parser"
VERSION = "3.6.6"
_SCRIPT = """
import { Parser } from '@asyncapi/parser';
import { readFileSync } from 'node:fs';
const { document, diagnostics } = await new Parser().parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify({
  valid: document !== undefined,
  findings: diagnostics.map(({ severity, path, message }) => ({ severity, path: path.join('.'), message })),
  channels: document ? document.allChannels().all().map((channel) => channel.address()) : [],
  operations: document ? document.allOperations().all().map((operation) => operation.id()) : [],
}));
"""


def parsed(text: str, cache: pytest.Cache) -> dict[str, Any]:
    """What the parser finds in a document: whether it is `valid`, and its `findings` (severity 0 is an error)."""
    folder = _installed(cache)
    ran = subprocess.run(
        ["node", "check.mjs"], cwd=folder, input=text.encode(), capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _installed(cache: pytest.Cache) -> Path:
    if not (shutil.which("node") and shutil.which("npm")):
        if os.environ.get("CI"):
            pytest.fail("node and npm are needed in CI: .ci/run installs them")
        pytest.skip("there is no node or no npm here")
    folder = cache.mkdir(f"asyncapi-parser-{VERSION}")
    if not (folder / "installed").exists():
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        command = ["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", f"{PARSER}@{VERSION}"]
        ran = subprocess.run(command, cwd=folder, capture_output=True, timeout=100, check=False)
        assert ran.returncode == 0, f"npm could not install {PARSER}: {ran.stderr.decode()}"
        (folder / "installed").touch()
    (folder / "check.mjs").write_text(_SCRIPT)
    return folder
