"""Sums up what telemetry agents publish: one window per node and period instead of every sample."""
