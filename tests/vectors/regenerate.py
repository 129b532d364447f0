"""Works the answers of the vectors out anew on CPython: `python -m tests.vectors.regenerate`.

The cases are data and stay; only their results are written. What a difference means is for whoever
reads the commit to judge: a result that changes without a reason is a fault that this would hide.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pwa.py.domain import merge
from tests.vectors import run_vectors

FOLDER = Path(__file__).parent


def regenerate(path: Path) -> int:
    """How many results came out otherwise than they stood there."""
    cases = json.loads(path.read_text(encoding="utf-8"))
    changed = 0
    for case in cases:
        result = run_vectors.answer(case)
        if "result" not in case or not merge.same(result, case["result"]):
            case["result"] = result
            changed += 1
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    path.write_text("[\n" + lines + "\n]\n", encoding="utf-8")
    return changed


def main() -> int:
    for path in sorted(FOLDER.glob("*.json")):
        print(f"{path.name}: {regenerate(path)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
