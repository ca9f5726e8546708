"""kubectl as tests run it: with a kubeconfig of its own, and told apart by what it answers."""

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from galileo_emulation.kubernetes import kubeconfig

KUBECTL = shutil.which("kubectl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run of kubectl came to."""

    code: int
    out: str
    err: str


class Kubectl:
    """Runs kubectl against the server at `url`; `home` is where it keeps what it remembers."""

    def __init__(self, url: str, home: Path) -> None:
        path = home / "kubeconfig"
        path.write_text(kubeconfig(url))
        self._environment = {**os.environ, "KUBECONFIG": str(path), "HOME": str(home)}

    async def run(self, *arguments: str, manifest: Any = None) -> Answer:
        """Run it; `manifest` is what it reads from `-f -`."""
        assert KUBECTL is not None
        process = await asyncio.create_subprocess_exec(
            KUBECTL,
            *arguments,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE if manifest is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(orjson.dumps(manifest) if manifest is not None else None)
        assert process.returncode is not None
        return Answer(process.returncode, out.decode(), err.decode())

    async def says(self, *arguments: str, manifest: Any = None) -> str:
        """What it prints, having succeeded."""
        answer = await self.run(*arguments, manifest=manifest)
        assert answer.code == 0, answer.err
        return answer.out
