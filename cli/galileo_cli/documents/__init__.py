"""Pages that are written from the code: what can be set, and what is said. A test tells when they are behind it."""
