"""What can be measured on a host: per instrument a parser of what the kernel writes, and a reader of the files.

Parsers take text and return numbers. Readers take the folders where /proc, /sys and the control groups are mounted, so
that they read a host from within a container, and made-up trees in tests.
"""
