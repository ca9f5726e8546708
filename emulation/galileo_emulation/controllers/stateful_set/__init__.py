"""Stateful sets: pods with names that last, made and unmade in order."""
