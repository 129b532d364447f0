"""Addresses of the pages. They stand after the `#`, so a patient's id never reaches a server's log.

#/patients  #/patients/new  #/patients/<id>  #/patients/<id>/visit  #/sync  #/refused  #/day
#/patients/<id>/history/<Type>/<id>  #/patients/<id>/edit/<Type>/<id>
#/review  #/review/<id>
"""

from __future__ import annotations

PATIENTS = "/patients"
REGISTER = "/patients/new"
SYNC = "/sync"
REVIEW = "/review"
REFUSED = "/refused"
DAY = "/day"


def chart(patient: str) -> str:
    return PATIENTS + "/" + patient


def visit(patient: str) -> str:
    return PATIENTS + "/" + patient + "/visit"


def review(patient: str) -> str:
    return REVIEW + "/" + patient


def history(patient: str, key: str) -> str:
    """Of one entry of a chart, by its "Type/id"."""
    return PATIENTS + "/" + patient + "/history/" + key


def judgement(patient: str, key: str) -> str:
    """Where one entry of a chart is edited."""
    return PATIENTS + "/" + patient + "/edit/" + key


def parse(route: str) -> tuple[str, str]:
    """The page's name and its patient, if any; of a history or an edit the entry too."""
    parts = [part for part in route.split("/") if part]
    if not parts or parts == ["patients"]:
        return "patients", ""
    if parts in (["sync"], ["refused"], ["day"]):
        return parts[0], ""
    if parts == ["patients", "new"]:
        return "register", ""
    if parts[0] == "patients" and len(parts) == 2:
        return "chart", parts[1]
    if parts[0] == "patients" and len(parts) == 3 and parts[2] == "visit":
        return "visit", parts[1]
    if parts[0] == "review" and len(parts) <= 2:
        return "review", "/".join(parts[1:])
    if parts[0] == "patients" and len(parts) == 5 and parts[2] in ("history", "edit"):
        name = "history" if parts[2] == "history" else "judgement"
        return name, "/".join([parts[1]] + parts[3:])
    return "missing", ""
