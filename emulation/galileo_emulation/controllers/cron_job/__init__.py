"""Cron jobs: a job at each moment of a schedule."""
