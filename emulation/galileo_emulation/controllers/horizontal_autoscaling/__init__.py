"""Horizontal autoscaling: how many replicas a target gets by what its pods use."""
