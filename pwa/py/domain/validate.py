"""Checks on one change that need nothing but the change itself.

Because no state is consulted, every device and the server judge a change alike, in whatever
order changes arrive. What depends on state (does the patient exist here?) is `admission`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import clock, dates, references, schema
from pwa.py.domain.issues import invalid, issue, required
from pwa.py.domain.json_text import is_list, is_object

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue

NUMBER_MAX = 2_000_000_000  # crosses into JavaScript as a 32-bit integer
INTEGER_MAX = 2**53 - 1  # the largest that JavaScript counts to exactly
# Ticks that follow one another at the end of all time still fit in.
CLOCK_ROOM_MS = 86_400_000
NESTING_MAX = 40
UNKNOWN_MEMBERS_MAX = 20
FIELDS_MAX = 200
BASE_TIMESTAMPS_MAX = 200
TEXT_CHARACTERS_MAX = 1_000_000
REASON_CHARACTERS_MAX = 2_000
AUTHOR_CHARACTERS_MAX = 64
HASH_CHARACTERS = 64

# On the way, for the hash of the change before it, which who reads it has or does not need.
SHORT_LINK = "^"
_FIELDS = ("device", "number", "previous", "timestamp", "author", "patient", "resource")
_ALL_FIELDS = _FIELDS + ("base", "set", "reason", "replaces")


def check(change: Any) -> list[Issue]:
    """What is wrong with a change; an empty list when it may be merged."""
    issues = _check_envelope(change)
    if not issues:
        issues = _check_set(change)
    if not issues:
        issues = _check_fact(change)
    return issues


def _check_envelope(change: Any) -> list[Issue]:
    """The part that says who, when and what; without it a change cannot even be numbered."""
    if not is_object(change):
        return [issue("structure", "A change must be an object")]
    for field in _FIELDS + ("base", "set"):
        if field not in change:
            return [required(field)]
    issues = _check_unknown(change)
    if issues:
        return issues
    if not is_number(change["number"]):
        return [invalid("number", "Must be a whole number from 1 to %d" % NUMBER_MAX)]
    for field in _FIELDS:
        if field != "number" and not isinstance(change[field], str):
            return [invalid(field, "Must be text")]
    if not is_object(change["set"]) or not is_object(change["base"]):
        return [issue("structure", "set and base must be objects")]
    return (
        _check_names(change) + _check_base(change) + _check_reason(change) + _check_replaces(change)
    )


def _check_unknown(change: Any) -> list[Issue]:
    """Members that a newer app has written stay in the text, and mean nothing here. They are held
    to the same bounds as everything."""
    if len(change) > len(_ALL_FIELDS) + UNKNOWN_MEMBERS_MAX:
        return [issue("structure", "A change has too many members")]
    for field in change:
        if field not in _ALL_FIELDS:
            if not _is_field(field):
                return [invalid(field, "Not the name of a member")]
            issues = _check_value(field, change[field], 0)
            if issues:
                return issues
    return []


def is_number(number: Any) -> bool:
    # On MicroPython a bool is not an int, on CPython it is.
    return isinstance(number, int) and number is not True and 1 <= number <= NUMBER_MAX


def _check_names(change: Any) -> list[Issue]:
    issues: list[Issue] = []
    if not references.is_id(change["device"]):
        issues.append(invalid("device", "Not a device's id"))
    if len(change["previous"]) not in (0, HASH_CHARACTERS) and change["previous"] != SHORT_LINK:
        issues.append(invalid("previous", "Not a SHA-256 in hexadecimal"))
    if not 1 <= len(change["author"]) <= AUTHOR_CHARACTERS_MAX:
        issues.append(invalid("author", "Not an account's id"))
    if not references.is_id(change["patient"]):
        issues.append(invalid("patient", "Not a patient's id"))
    resource_type, resource_id = references.split_key(change["resource"])
    if resource_type == "":
        issues.append(invalid("resource", "Must read Type/id"))
    if resource_type == "Patient" and resource_id != change["patient"]:
        issues.append(invalid("patient", "A Patient belongs to its own chart"))
    try:
        milliseconds, _, device = clock.read(change["timestamp"])
        if device != change["device"]:
            issues.append(invalid("timestamp", "Was made on another device"))
        if milliseconds > clock.FOLLOW_MS_MAX + CLOCK_ROOM_MS:
            issues.append(invalid("timestamp", "Lies too far ahead"))
    except ValueError:
        issues.append(invalid("timestamp", "Not a timestamp"))
    return issues


def _check_base(change: Any) -> list[Issue]:
    """What was seen lies before the change, so that no two changes can replace one another."""
    for field, seen in change["base"].items():
        if not _is_field(field):
            return [invalid("base", "Not the name of a field")]
        if not is_list(seen) or len(seen) > BASE_TIMESTAMPS_MAX:
            return [invalid("base." + field, "Must be a list of timestamps")]
        for timestamp in seen:
            if not is_timestamp(timestamp):
                return [invalid("base." + field, "Must be a list of timestamps")]
            if timestamp >= change["timestamp"]:
                return [invalid("base." + field, "Lies after the change itself")]
    return []


def is_timestamp(text: object) -> bool:
    try:
        return isinstance(text, str) and references.is_id(clock.device_of(text))
    except ValueError:
        return False


def _is_field(name: str) -> bool:
    """A FHIR element, or its companion with an underscore; newer ones than we know included."""
    return references.is_type(name.lstrip("_"))


def _check_reason(change: Any) -> list[Issue]:
    reason = change.get("reason", "")
    if not isinstance(reason, str) or len(reason) > REASON_CHARACTERS_MAX:
        return [invalid("reason", "Must be text of at most %d" % REASON_CHARACTERS_MAX)]
    return _check_value("reason", reason, 0)


def _check_replaces(change: Any) -> list[Issue]:
    """The refused change that this one stands for came before it."""
    if "replaces" not in change:
        return []
    replaced = change["replaces"]
    if not is_number(replaced) or replaced >= change["number"]:
        return [invalid("replaces", "Must be the number of an earlier change")]
    return []


def _check_set(change: Any) -> list[Issue]:
    fields = change["set"]
    # A Patient may consist of nothing but its id: FHIR asks for no more.
    is_bare_patient = change["resource"].startswith("Patient/") and not change["base"]
    if len(fields) > FIELDS_MAX or (not fields and not is_bare_patient):
        return [issue("structure", "set must name 1 to %d fields" % FIELDS_MAX, "set")]
    resource_type = references.type_of(change["resource"])
    for field, value in fields.items():
        if field in schema.IDENTITY_FIELDS or not _is_field(field):
            return [invalid(field, "This field cannot be set")]
        expression = resource_type + "." + field
        issues = _check_value(expression, value, 0)
        if not issues and value is not None:
            issues = _check_known(expression, field, value)
        if issues:
            return issues
    return _check_subject(change)


def _check_value(expression: str, value: Any, depth: int) -> list[Issue]:
    """Bounds that keep a value storable everywhere: depth, length, no NUL, no NaN."""
    if isinstance(value, str):
        return _check_text(expression, value)
    if isinstance(value, float):
        is_finite = value - value == 0
        return [] if is_finite else [invalid(expression, "Not a finite number")]
    if isinstance(value, int):
        is_safe = -INTEGER_MAX <= value <= INTEGER_MAX
        return [] if is_safe else [invalid(expression, "A whole number too large to keep exactly")]
    if not (is_object(value) or is_list(value)):
        return []
    if depth > NESTING_MAX:
        return [invalid(expression, "Nested deeper than %d" % NESTING_MAX)]
    parts = value
    if is_object(value):
        parts = value.values()
        for key in value:
            if "\x00" in key:
                return [invalid(expression, "Holds a NUL character")]
    for item in parts:
        issues = _check_value(expression, item, depth + 1)
        if issues:
            return issues
    return []


def _check_text(expression: str, text: str) -> list[Issue]:
    if len(text) > TEXT_CHARACTERS_MAX:
        return [issue("too-long", "Longer than %d" % TEXT_CHARACTERS_MAX, expression)]
    if "\x00" in text:
        return [invalid(expression, "Holds a NUL character")]
    if not _is_well_formed(text):
        return [invalid(expression, "Holds half of a character")]
    return []


def _is_well_formed(text: str) -> bool:
    """Whether it is UTF-8 everywhere: half an emoji would be stored as something else."""
    try:
        data = text.encode()
    except UnicodeError:
        return False
    at = data.find(b"\xed")
    while at >= 0:  # MicroPython encodes a lone surrogate as ED A0..BF
        if data[at + 1] >= 0xA0:
            return False
        at = data.find(b"\xed", at + 1)
    return True


def _check_known(expression: str, field: str, value: Any) -> list[Issue]:
    if field in schema.DATE_FIELDS and not dates.is_date(value):
        return [invalid(expression, "Not a date: YYYY, YYYY-MM or YYYY-MM-DD")]
    if field in schema.DATE_TIME_FIELDS and not dates.is_date_time(value):
        return [invalid(expression, "Not a date and time with a zone")]
    codes = schema.CODES.get(expression, ())
    if expression in schema.CHECKED_CODES and value not in codes:
        return [issue("code-invalid", "Must be one of " + ", ".join(codes), expression)]
    return []


def _check_subject(change: Any) -> list[Issue]:
    """A resource that names another patient than the chart it is filed in is never accepted."""
    if change["resource"].startswith("Patient/"):
        return []
    for field in schema.SUBJECT_FIELDS:
        reference = change["set"].get(field)
        found = references.target_id(reference)
        if found and found != change["patient"]:
            return [issue("business-rule", "Names another patient than its chart", field)]
    return []


def _check_fact(change: Any) -> list[Issue]:
    resource_type = references.type_of(change["resource"])
    status = change["set"].get("status")
    if status == schema.ENTERED_IN_ERROR and change["base"] and not change.get("reason"):
        return [issue("required", "Say why this was entered in error", "reason")]
    if schema.is_fact(resource_type) and change["base"] and "status" not in change["set"]:
        text = "A fact is not edited: correct it with a new status (amended, entered-in-error)"
        return [issue("business-rule", text, resource_type + ".status")]
    return []
