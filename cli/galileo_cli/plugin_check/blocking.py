"""Calls that hold up the loop, and with it every service of the process: found by name, so not all of them.

A call counts where an async function makes it, or a plain function of the same file that an async one calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from galileo_cli.plugin_check.finding import Finding
from galileo_cli.plugin_check.sources import Source, calls_in, functions_of, whole_name

_IN_A_THREAD = "await asyncio.to_thread(…)"
_HTTP = "an asynchronous client, such as aiohttp"
_PROCESS = "await asyncio.create_subprocess_exec(…)"
_INSTEAD = {
    "time.sleep": "await asyncio.sleep(…)",
    "open": _IN_A_THREAD,
    "input": _IN_A_THREAD,
    "os.system": _PROCESS,
    "os.popen": _PROCESS,
    "subprocess.run": _PROCESS,
    "subprocess.call": _PROCESS,
    "subprocess.check_call": _PROCESS,
    "subprocess.check_output": _PROCESS,
    "socket.create_connection": "await asyncio.open_connection(…)",
    "sqlite3.connect": "aiosqlite",
    "urllib.request.urlopen": _HTTP,
    "redis.Redis": "self.bus, or redis.asyncio",
}
_PACKAGES = {"requests": _HTTP, "urllib3": _HTTP}
_METHODS = dict.fromkeys(("read_text", "read_bytes", "write_text", "write_bytes"), _IN_A_THREAD)


def check_blocking(source: Source) -> Iterator[Finding]:
    """All calls of a source that hold up the loop."""
    plain = {
        function.name: found
        for function in functions_of(source.tree)
        if isinstance(function, ast.FunctionDef) and (found := list(_blocking(function, source)))
    }
    for function in functions_of(source.tree):
        if isinstance(function, ast.AsyncFunctionDef):
            for call, name, instead in _blocking(function, source):
                yield Finding(
                    f"{source.file}:{call.lineno}: {name} holds up all services of the process: use {instead}"
                )
            for call in calls_in(function):
                called = whole_name(call.func, source.imported).removeprefix("self.")
                for inner, name, instead in plain.get(called, ()):
                    yield Finding(
                        f"{source.file}:{inner.lineno}: {name}, which {function.name} calls by {called}, holds up all "
                        f"services of the process: use {instead}"
                    )


def _blocking(function: ast.FunctionDef | ast.AsyncFunctionDef, source: Source) -> Iterator[tuple[ast.Call, str, str]]:
    for call in calls_in(function):
        name = whole_name(call.func, source.imported)
        instead = _INSTEAD.get(name) or _PACKAGES.get(name.partition(".")[0]) or _method(call)
        if instead:
            yield call, name.lstrip("."), instead


def _method(call: ast.Call) -> str | None:
    return _METHODS.get(call.func.attr) if isinstance(call.func, ast.Attribute) else None
