"""How decisions and records keep their promise: journals, consumer groups, batches kept until acknowledged."""
