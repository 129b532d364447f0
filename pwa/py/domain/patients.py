"""A registration form made into a Patient, and a look for the same person already registered.

Identifier systems are those of SATUSEHAT, Indonesia's national FHIR platform; the facility's
own medical record number has a name of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dates, directory, schema
from pwa.py.domain.issues import invalid, issue, required

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue, Resource

NIK_DIGITS = 16
BPJS_DIGITS = 13
AGE_YEARS_MAX = 130
NAME_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 500

SYSTEMS = {
    "nik": "https://fhir.kemkes.go.id/id/nik",
    "bpjs": "https://fhir.kemkes.go.id/id/nomor-kartu-bpjs",
    "mrn": "urn:rekam:mrn",
}
FIELDS = ("name", "birthDate", "gender", "nik", "bpjs", "mrn", "phone", "address", "village")


def read_form(form: dict[str, Any]) -> dict[str, str]:
    """The fields of the form, trimmed, missing ones empty; inner runs of blanks become one."""
    return {name: " ".join(str(form.get(name) or "").split()) for name in FIELDS}


def check_form(form: dict[str, Any], now_ms: int) -> list[Issue]:
    """What a registrar has to mend, each issue's expression the name of the form's field."""
    fields = read_form(form)
    issues: list[Issue] = []
    if not fields["name"]:
        issues.append(required("name"))
    for name, value in fields.items():
        limit = NAME_CHARACTERS_MAX if name == "name" else TEXT_CHARACTERS_MAX
        if len(value) > limit:
            issues.append(issue("too-long", "Longer than %d characters" % limit, name))
    if fields["gender"] not in schema.CODES["Patient.gender"]:
        issues.append(required("gender"))
    issues += _check_birth_date(fields["birthDate"], now_ms)
    for name, digits in (("nik", NIK_DIGITS), ("bpjs", BPJS_DIGITS)):
        value = _identifier(fields, name)
        if value and (len(value) != digits or value.strip("0123456789")):
            issues.append(invalid(name, "Must be %d digits" % digits))
    return issues


def _check_birth_date(birth_date: str, now_ms: int) -> list[Issue]:
    if not birth_date:
        return [required("birthDate")]
    if not dates.is_date(birth_date):
        return [invalid("birthDate", "Not a date: YYYY, YYYY-MM or YYYY-MM-DD")]
    age = dates.age_years(birth_date, now_ms)
    if age is None or age > AGE_YEARS_MAX:
        return [invalid("birthDate", "Lies in the future or too far in the past")]
    return []


def _identifier(fields: dict[str, str], name: str) -> str:
    """As it is kept: blanks in a number that the state gave are nothing."""
    return fields[name] if name == "mrn" else fields[name].replace(" ", "")


def build(form: dict[str, Any], patient: str) -> Resource:
    """The Patient of a form that `check_form` found nothing wrong with."""
    fields = read_form(form)
    resource: Resource = {
        "resourceType": "Patient",
        "id": patient,
        "active": True,
        "name": [{"use": "official", "text": fields["name"]}],
        "gender": fields["gender"],
        "birthDate": fields["birthDate"],
    }
    identifiers: list[dict[str, str]] = []
    for name in ("nik", "bpjs", "mrn"):
        value = _identifier(fields, name)
        if value:
            identifiers.append({"system": SYSTEMS[name], "value": value})
    if identifiers:
        resource["identifier"] = identifiers
    if fields["phone"]:
        resource["telecom"] = [{"system": "phone", "value": fields["phone"]}]
    place = [part for part in (fields["address"], fields["village"]) if part]
    if place:
        address: dict[str, Any] = {"text": ", ".join(place)}
        if fields["address"]:
            address["line"] = [fields["address"]]
        if fields["village"]:
            address["district"] = fields["village"]
        resource["address"] = [address]
    return resource


def is_same_person(entry: dict[str, Any], form: dict[str, Any]) -> bool:
    """Whether a directory entry may be the person on the form: ask, never decide.

    An identifier in common, or the same name with the same birth date, or the same name where
    one of the two has no full date.
    """
    fields = read_form(form)
    # A directory's line keeps them side by side, so that a record number may be in pieces there.
    known = " " + " ".join(entry["identifiers"]) + " "
    for name in ("nik", "bpjs", "mrn"):
        value = _identifier(fields, name)
        if value and " " + value + " " in known:
            return True
    if not fields["name"] or directory.fold(fields["name"]) != directory.fold(entry["name"]):
        return False
    one, other = fields["birthDate"], entry["birthDate"]
    return one.startswith(other) or other.startswith(one)
