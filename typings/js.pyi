"""The browser's global object, as MicroPython sees it: anything may be asked of it."""

from typing import Any

def __getattr__(name: str) -> Any: ...
