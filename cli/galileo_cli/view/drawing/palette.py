"""The few styles of the view; colour never tells what words do not tell as well."""

from __future__ import annotations

PLAIN = ""
STRONG = "bold"
DIM = "#8b93a5"
GOOD = "#7fd18b"
WARN = "#e8c268"
BAD = "bold #ff7b7b"
FAINT = "#3a4154"
ACCENT = "#7cb7ff"
SERIES = "#5fa8a0"
