"""MicroPython's compiler, as a process."""

import subprocess
from pathlib import Path
from typing import Any

def run(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]: ...
