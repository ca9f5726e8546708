"""Jobs that are over go by themselves after a while."""
