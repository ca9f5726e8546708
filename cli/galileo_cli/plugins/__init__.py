"""Other people's services: in files, in modules, and installed with an entry point in the group `galileo.services`."""
