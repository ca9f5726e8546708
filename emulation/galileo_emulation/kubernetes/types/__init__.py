"""The types of built-in kinds: which fields they have, and how these are read and merged."""
