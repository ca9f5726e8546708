"""The columns of `kubectl get`, kind by kind, as the real server prints them. The form of tables is in tables.py."""
