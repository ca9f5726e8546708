"""What the server says of itself: discovery, OpenAPI, and kinds without stored objects."""
