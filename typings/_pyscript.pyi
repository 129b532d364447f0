"""What PyScript hands to Python beside `pyscript`: the interpreter, and `js_import`."""

from typing import Any

def __getattr__(name: str) -> Any: ...
