"""What is said on the bus: every event as a type, its wire form, and the raw inputs. No I/O."""
