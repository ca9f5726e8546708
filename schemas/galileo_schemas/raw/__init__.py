"""The raw inputs whose formats existing tools speak: telemetry samples, trace lines, node info, routing records.

Read leniently, written strictly: a parser raises `FrameError` and nothing else, and it reads what a writer writes.
"""
