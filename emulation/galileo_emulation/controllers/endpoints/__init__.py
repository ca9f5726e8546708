"""Endpoints of services: where the pods behind a service are reached."""
