"""Values on their way from Python to JavaScript."""

from collections.abc import Callable
from typing import Any

def to_js(value: Any) -> Any: ...
def create_proxy(value: Callable[..., Any]) -> Any: ...
