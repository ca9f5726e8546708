"""What the server adds to objects, by subject."""
