"""Disruption budgets: how many pods may be evicted at present."""
