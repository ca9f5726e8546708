"""Warnings for the client, as Warning headers, which kubectl shows."""

from collections.abc import Iterable

from aiohttp import web

_LONGEST = 4096


def add_warnings(response: web.StreamResponse, warnings: Iterable[str]) -> None:
    """Add a header for each warning, once."""
    present = set(response.headers.getall("Warning", []))
    for warning in warnings:
        printable = "".join(letter if letter.isprintable() else " " for letter in warning)[:_LONGEST]
        quoted = printable.replace("\\", "\\\\").replace('"', '\\"')
        header = f'299 - "{quoted}"'
        if header not in present:
            response.headers.add("Warning", header)
            present.add(header)
