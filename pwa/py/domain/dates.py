"""FHIR dates and date-times: checking them, putting them on one clock, ages.

FHIR R4 2.24.0.1: a date is YYYY, YYYY-MM or YYYY-MM-DD; a date-time may go on with a time that
then carries a zone. All functions are pure; "now" is an argument.
"""

from __future__ import annotations

DAY_MS = 86_400_000
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_YEAR_MIN = 1
# The first three letters of the months' names, Indonesian and English.
_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "mei": 5,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "agu": 8,
    "aug": 8,
    "sep": 9,
    "okt": 10,
    "oct": 10,
    "nov": 11,
    "des": 12,
    "dec": 12,
}


def is_date(text: object) -> bool:
    """Whether it is a FHIR date: a year, a month or a day that exists."""
    if not isinstance(text, str) or len(text) not in (4, 7, 10):
        return False
    parts = text.split("-")
    if len(parts) != {4: 1, 7: 2, 10: 3}[len(text)] or len(parts[0]) != 4:
        return False
    for part in parts:
        if not _is_digits(part):
            return False
    year, month, day = _first_day(text)
    return year >= _YEAR_MIN and 1 <= month <= 12 and 1 <= day <= _days_in_month(year, month)


def _first_day(date: str) -> tuple[int, int, int]:
    """Year, month and day at which a date that may lack the last of them begins."""
    parts = [int(part) for part in date.split("-")] + [1, 1]
    return parts[0], parts[1], parts[2]


def is_date_time(text: object) -> bool:
    return isinstance(text, str) and (is_date(text) or _read_time(text) is not None)


def to_utc(text: str) -> str:
    """A date-time moved to UTC as "YYYY-MM-DDTHH:MM:SSZ", so that text order is time order.

    What has no time of day, or is not a date-time at all, comes back as it is.
    """
    milliseconds = _read_time(text)
    return text if milliseconds is None else from_milliseconds(milliseconds)


def from_milliseconds(milliseconds: int) -> str:
    """Milliseconds since 1970 as "YYYY-MM-DDTHH:MM:SSZ"."""
    days, rest = divmod(milliseconds, DAY_MS)
    year, month, day = _civil_from_days(days)
    seconds = rest // 1000
    return "%04d-%02d-%02dT%02d:%02d:%02dZ" % (
        year,
        month,
        day,
        seconds // 3600,
        seconds // 60 % 60,
        seconds % 60,
    )


def to_milliseconds(text: str) -> int | None:
    """Milliseconds since 1970 of a date (its first moment, UTC) or date-time; None if neither."""
    if is_date(text):
        return _days_from_civil(*_first_day(text)) * DAY_MS
    return _read_time(text)


def age_years(birth_date: str, now_ms: int) -> int | None:
    """Completed years; None when the birth date is missing, unreadable or in the future."""
    months = age_months(birth_date, now_ms)
    return None if months is None else months // 12


def age_months(birth_date: str, now_ms: int) -> int | None:
    if not is_date(birth_date):
        return None
    birth_year, birth_month, birth_day = _first_day(birth_date)
    year, month, day = _civil_from_days(now_ms // DAY_MS)
    months = (year - birth_year) * 12 + month - birth_month - (1 if day < birth_day else 0)
    return months if months >= 0 else None


def to_iso_words(words: list[str]) -> list[str]:
    """Folded words, with dates as people write them put as records hold them: 17/8/1945,
    17.8.1945, 17-08-1945 and "17 agu 1945" become 1945-08-17. Other words stay."""
    found: list[str] = []
    for word in words:
        found.append(_iso_date(word.replace("/", "-").replace(".", "-").split("-")) or word)
        day = _iso_date(found[-3:])
        if day:
            found = found[:-3] + [day]
    return found


def to_iso(text: str) -> str:
    """A date as people write it, as records hold it; any other text stays."""
    found = to_iso_words([text.strip().lower()])[-1]
    return found if is_date(found) else text


def _iso_date(parts: list[str]) -> str:
    """Day, month (a number or a name) and year as YYYY-MM-DD; empty when they are no date."""
    if len(parts) != 3 or not _is_digits(parts[0]) or not _is_digits(parts[2]):
        return ""
    day, month, year = parts
    if not _is_digits(month):
        if len(month) < 3 or month[:3] not in _MONTHS:
            return ""
        month = str(_MONTHS[month[:3]])
    if len(year) != 4 or len(day) > 2 or len(month) > 2:
        return ""
    text = "%s-%02d-%02d" % (year, int(month), int(day))
    return text if is_date(text) else ""


def _days_in_month(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _MONTH_DAYS[month - 1]


def _read_time(text: str) -> int | None:
    """YYYY-MM-DDTHH:MM:SS[.fff](Z|+HH:MM|-HH:MM) as milliseconds since 1970; None if not that."""
    if len(text) < 20 or text[10] != "T" or not is_date(text[:10]):
        return None
    if text[13] != ":" or text[16] != ":":
        return None
    zone_at = 19
    if text[19] == ".":
        zone_at = 20
        while zone_at < len(text) and text[zone_at] in "0123456789":
            zone_at += 1
    fraction = text[20:zone_at] if zone_at > 20 else "0"
    offset = _zone_minutes(text[zone_at:])
    pieces = (text[11:13], text[14:16], text[17:19], fraction)
    if offset is None or not all([_is_digits(piece) for piece in pieces]):
        return None
    hour, minute, second = int(pieces[0]), int(pieces[1]), int(pieces[2])
    if hour > 23 or minute > 59 or second > 60:
        return None
    days = _days_from_civil(int(text[:4]), int(text[5:7]), int(text[8:10]))
    seconds = hour * 3600 + (minute - offset) * 60 + second
    return days * DAY_MS + seconds * 1000 + int((fraction + "00")[:3])


def _zone_minutes(zone: str) -> int | None:
    if zone == "Z":
        return 0
    if len(zone) != 6 or zone[0] not in "+-" or zone[3] != ":":
        return None
    if not _is_digits(zone[1:3]) or not _is_digits(zone[4:]):
        return None
    minutes = int(zone[1:3]) * 60 + int(zone[4:])
    return -minutes if zone[0] == "-" else minutes


def _is_digits(text: str) -> bool:
    return text != "" and text.strip("0123456789") == ""


def _days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01. Hinnant, "chrono-Compatible Low-Level Date Algorithms"."""
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + day_of_era - 719468


def _civil_from_days(days: int) -> tuple[int, int, int]:
    """The inverse of `_days_from_civil`, from the same source."""
    days += 719468
    era = days // 146097
    day_of_era = days - era * 146097
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + (3 if shifted_month < 10 else -9)
    return year_of_era + era * 400 + (1 if month <= 2 else 0), month, day
