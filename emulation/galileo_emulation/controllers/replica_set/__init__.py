"""Replica sets: as many pods as were asked for."""
