"""Events that nobody has told again for long go."""
