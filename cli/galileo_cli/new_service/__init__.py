"""The files of a new service, from templates: a name in, texts out."""
