"""What the bus is measured against; each runs in a process of its own, and is given the port and how many to count."""
