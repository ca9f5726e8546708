"""Namespaces: their deletion takes all that is in them along."""
