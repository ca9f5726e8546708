"""The state of an emulated world in one file, so that the world can be stopped and resumed, or go on after a crash.

    store -> change -> line (records.py) -> file (world_file.py) -> lines -> state (reading.py) -> store

The file is a list of changes. It begins with the world that made it (maker.py) and everything that there was when it
was last written anew; what has happened since follows, a line each. Lines are written each second: that is what a
killed world loses at most. The file is written anew when a world begins and whenever it has grown several-fold
(compaction.py), beside the old one and then put in its place at once, so that there is a whole file at every moment.

What is kept: all objects with their uids and field managers, the resource version, service addresses given out. What is
not: history (older versions are answered with 410), and what is not the API's (images pulled, requests under way).
"""

from galileo_emulation.world_file.maker import Maker
from galileo_emulation.world_file.reading import WorldFileError
from galileo_emulation.world_file.world_file import WorldFile

__all__ = ["Maker", "WorldFile", "WorldFileError"]
