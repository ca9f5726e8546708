"""One module a command: its arguments, its help with an example, and what it does."""
