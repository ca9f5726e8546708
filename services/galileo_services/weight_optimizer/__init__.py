"""How a zone's gateways share a function's requests between its pods there and the other zones' gateways."""
