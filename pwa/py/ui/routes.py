"""Addresses of the pages. They stand after the `#`, so a patient's id never reaches a server's log.

#/patients  #/patients/new  #/patients/<id>  #/patients/<id>/visit  #/sync
"""

from __future__ import annotations

PATIENTS = "/patients"
REGISTER = "/patients/new"
SYNC = "/sync"


def chart(patient: str) -> str:
    return PATIENTS + "/" + patient


def visit(patient: str) -> str:
    return PATIENTS + "/" + patient + "/visit"


def parse(route: str) -> tuple[str, str]:
    """The page's name and the patient it is about, if any."""
    parts = [part for part in route.split("/") if part]
    if not parts or parts == ["patients"]:
        return "patients", ""
    if parts == ["sync"]:
        return "sync", ""
    if parts == ["patients", "new"]:
        return "register", ""
    if parts[0] == "patients" and len(parts) == 2:
        return "chart", parts[1]
    if parts[0] == "patients" and len(parts) == 3 and parts[2] == "visit":
        return "visit", parts[1]
    return "missing", ""
