"""The parts of PyScript's Python library that are used here."""

from typing import Any

def __getattr__(name: str) -> Any: ...
