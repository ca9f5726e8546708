"""The main program of a local function's process: it runs a person's file so that it answers HTTP on $HOST:$PORT.

    python -m galileo_emulation.functions.local_main PARENT_PID PATH [ATTRIBUTE]

A Python file that defines an ASGI application (`app`, or the attribute that is named) is served by uvicorn. Any other
Python file is run as a program, and any other file is executed; both find in $PORT where to listen. On Linux the kernel
kills the process when its parent dies, however that dies.
"""

from __future__ import annotations

import ast
import ctypes
import importlib.util
import inspect
import os
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_USAGE_ERROR = 2
DEFAULT_ATTRIBUTE = "app"


def main(arguments: list[str]) -> None:
    """Run until the program ends or a signal ends it."""
    parent, path, attribute = int(arguments[0]), Path(arguments[1]), "".join(arguments[2:3])
    _die_with(parent)
    if path.suffix != ".py":
        os.execv(path, [str(path)])
    sys.argv = [str(path)]
    if attribute or _defines(path, DEFAULT_ATTRIBUTE):
        application = _loaded(path, attribute or DEFAULT_ATTRIBUTE)
        if is_asgi(application):
            _serve(application)
            return
        if attribute:
            sys.exit(
                f"{path}: {attribute} is no ASGI application; expected async def {attribute}(scope, receive, send)"
            )
    runpy.run_path(str(path), run_name="__main__")


def is_asgi(application: object) -> bool:
    """Whether it is called as ASGI 3 calls: an `async def`, or an object with an `async def __call__`."""
    if inspect.isfunction(application) or inspect.ismethod(application):
        return inspect.iscoroutinefunction(application)
    return not inspect.isclass(application) and inspect.iscoroutinefunction(getattr(application, "__call__", None))  # noqa: B004


def _serve(application: Any) -> None:
    import uvicorn  # only here: a plain program needs none

    uvicorn.run(application, host=os.environ["HOST"], port=int(os.environ["PORT"]), proxy_headers=False)


def _defines(path: Path, name: str) -> bool:
    """Whether the file gives a value to `name` at its top level; it is read, not run."""
    for node in ast.parse(path.read_bytes(), str(path)).body:
        match node:
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) | ast.ClassDef(name=found):
                names = {found}
            case ast.Assign(targets=targets):
                names = {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=found)):
                names = {found}
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names = {alias.asname or alias.name for alias in aliases}
            case _:
                continue
        if name in names:
            return True
    return False


def _loaded(path: Path, attribute: str) -> object:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path}: cannot be imported as a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    found: object = module
    for name in attribute.split("."):
        if not hasattr(found, name):
            sys.exit(f"{path}: there is no {attribute!r} in it")
        found = getattr(found, name)
    return found


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(_USAGE_ERROR)


if __name__ == "__main__":
    main(sys.argv[1:])
