"""Charts on their way: each chart's lines, an empty line, and at the end a line of JSON about all.

As strings within JSON every quote of every row would be escaped: a tenth more bytes before they
are packed, and taking them apart was a sixth of the time of a first sync. No line of a chart is
empty, so that two line breaks part them; and what was cut off does not end with a line that
counts the charts before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.domain.json_text import is_list, is_object

if TYPE_CHECKING:
    from typing import Any

MEDIA_TYPE = "application/vnd.rekam.charts"
_BETWEEN = "\n\n"


def write(page: dict[str, Any]) -> str:
    """Of each in `page["charts"]`: the patient, the text, the newest sequence and the date."""
    about = dict(page)
    about["charts"] = [[chart[0], chart[2], chart[3]] for chart in page["charts"]]
    return _BETWEEN.join([chart[1] for chart in page["charts"]] + [json_text.dumps(about)])


def read(text: str) -> Any:
    """The page that was written; ValueError when the text is not one, or not all of one."""
    parts = text.split(_BETWEEN)
    page = json_text.loads(parts.pop())
    if not is_object(page) or not is_list(page.get("charts")) or len(page["charts"]) != len(parts):
        raise ValueError("not a whole page of charts")
    for at, about in enumerate(page["charts"]):
        about.insert(1, parts[at])
    return page
