"""Says round-trip latencies between nodes and zones, here from a file (`galileo_context_latency_graph_json`)."""
