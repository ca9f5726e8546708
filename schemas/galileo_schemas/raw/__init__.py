"""The raw inputs whose formats existing tools speak: telemetry samples, trace lines, node info.

Read leniently, written strictly.
"""
