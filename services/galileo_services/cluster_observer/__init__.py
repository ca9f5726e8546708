"""Says what the Kubernetes API shows: nodes and pods, at each change and again every 30 s."""
