"""Stands in for CPython's `typing`, which MicroPython lacks: types are for the checker only.

Product code imports nothing else from `typing` at run time.
"""

TYPE_CHECKING = False
