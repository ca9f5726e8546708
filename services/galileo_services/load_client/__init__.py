"""The load client: open-loop requests on an absolute schedule, one trace for each."""
