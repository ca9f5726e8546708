"""Recommends what the containers of functions should request, from how much CPU and memory they have used."""
