"""The command line, and the only place where things are wired together."""
