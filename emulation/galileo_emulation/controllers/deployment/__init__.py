"""Deployments: a replica set for every template that was asked for, and the pods moved from one to the next."""
