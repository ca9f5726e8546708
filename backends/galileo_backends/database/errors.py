"""What can go wrong with the experiment database."""


class DatabaseError(Exception):
    """The database cannot be used; the message says which file, what was found and what to do."""


class UnknownExperiment(DatabaseError):  # noqa: N818 - says what happened
    """No experiment has this id."""
