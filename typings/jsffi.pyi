"""MicroPython's own module for JavaScript values."""

from typing import Any

class JsException(Exception):
    """What a rejected promise raises; args: (the error, its name, its message)."""

    args: tuple[Any, str, str]

class JsProxy:
    def __getattr__(self, name: str) -> Any: ...

def to_js(value: Any) -> Any: ...
