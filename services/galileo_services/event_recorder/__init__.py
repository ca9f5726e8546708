"""Records every event: in the experiment database, and as frames in a log file, one a line."""
