"""Places pending pods on nodes: within their delay bounds, where there is room, best fit."""
