"""What the bus keeps of what was said: dead letters, journals and record streams, looked at and used again."""
