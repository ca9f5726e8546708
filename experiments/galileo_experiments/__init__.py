"""Experiments: scenario files, random scenarios, and the report of a run. No services and no emulation in here."""
