"""How things are said: transports, delivery classes, and the runtime in which services live."""
