"""What can be done with an object: each operation is a function on the store."""
