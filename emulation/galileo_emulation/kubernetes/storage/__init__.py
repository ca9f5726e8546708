"""The stored objects: their kinds, their recent past, lists and watches."""
