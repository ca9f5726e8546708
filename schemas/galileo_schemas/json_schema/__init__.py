"""Events as JSON Schema 2020-12, for whoever speaks on the bus in another language, and what may change of them.

event types and their docstrings → `event_schema` → published files; `compatibility` compares those of then and now.
"""
