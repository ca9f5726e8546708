"""The gateway: weighted round robin over a function's replicas and other zones' gateways."""
