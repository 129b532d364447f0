"""Stands in for CPython's `__future__`, which MicroPython lacks.

MicroPython parses annotations and never evaluates them, so the import only has to succeed.
"""

annotations = None
