"""Who manages which field of an object, and what follows from it: server-side apply."""
