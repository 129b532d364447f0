"""Dates, ages and numbers as people read them, in both languages. Pure."""

from __future__ import annotations

from pwa.py.domain import dates, names

MONTHS = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_AGES = {"id": ("%d th", "%d bln", "%d hr"), "en": ("%d y", "%d mo", "%d d")}
_INFANT_MONTHS_MAX = 24
AGE_UNITS = ("years", "months")
AGE_MAX = 130
_YEAR_MINUTES = 365 * 24 * 60
_SPANS = {
    "id": (
        (_YEAR_MINUTES, "tahun", "tahun"),
        (24 * 60, "hari", "hari"),
        (60, "jam", "jam"),
        (1, "menit", "menit"),
    ),
    "en": (
        (_YEAR_MINUTES, "year", "years"),
        (24 * 60, "day", "days"),
        (60, "hour", "hours"),
        (1, "minute", "minutes"),
    ),
}
_AGO = {
    "id": ("baru saja", "%d menit lalu", "%d jam lalu", "%d hari lalu"),
    "en": ("just now", "%d min ago", "%d h ago", "%d days ago"),
}
# A clock that is off by less than this may be right: a request takes its time.
DRIFT_MS_MIN = 120_000
_UNITS = ("B", "KB", "MB", "GB", "TB")
_MINUTE_MS = 60_000
_DECIMALS_SHOWN = 100


def day(text: str, language: str) -> str:
    """A FHIR date, whole or partial: "7 Agu 1988", "Agu 1988", "1988"."""
    parts = text[:10].split("-")
    if not dates.is_date(text[:10]):
        return text
    if len(parts) == 1:
        return parts[0]
    month = MONTHS[language][int(parts[1]) - 1]
    if len(parts) == 2:
        return month + " " + parts[0]
    return "%d %s %s" % (int(parts[2]), month, parts[0])


def moment(text: str, language: str, zone_minutes: int) -> str:
    """A FHIR date-time on the reader's clock: "7 Agu 2026, 14.05" (in English "14:05")."""
    if len(text) < 20:
        return day(text, language)
    milliseconds = dates.to_milliseconds(text)
    if milliseconds is None:
        return text
    local = dates.from_milliseconds(milliseconds + zone_minutes * _MINUTE_MS)
    clock = local[11:16] if language == "en" else local[11:13] + "." + local[14:16]
    return day(local[:10], language) + ", " + clock


def age(birth_date: str, now_ms: int, language: str) -> str:
    """Years; months for the very young, days for the newborn; empty when it is not known."""
    months = dates.age_months(birth_date, now_ms)
    if months is None:
        return ""
    years, month_text, day_text = _AGES[language]
    if len(birth_date) < 7:
        return "± " + years % (months // 12)
    if months >= _INFANT_MONTHS_MAX:
        return years % (months // 12)
    if months >= 1 or len(birth_date) < 10:
        return month_text % months
    born = dates.to_milliseconds(birth_date)
    assert born is not None
    return day_text % ((now_ms - born) // dates.DAY_MS)


def birth(birth_date: str, now_ms: int, language: str) -> str:
    """A birth date with the age that follows from it: "5 Apr 1990 · 36 th"."""
    parts = [day(birth_date, language), age(birth_date, now_ms, language)]
    return " · ".join([part for part in parts if part])


def estimated_birth(age_text: str, unit: str, today: str) -> str:
    """The year of birth, or the month, of someone of about this age; empty when it is no age."""
    text = age_text.strip()
    if not text or text.strip("0123456789") or int(text) > AGE_MAX:
        return ""
    year, month = int(today[:4]), int(today[5:7])
    if unit == "years":
        return "%04d" % (year - int(text))
    months = year * 12 + month - 1 - int(text)
    return "%04d-%02d" % (months // 12, months % 12 + 1)


def ago(then_ms: int, now_ms: int, language: str) -> str:
    minutes = max(0, now_ms - then_ms) // _MINUTE_MS
    now, in_minutes, in_hours, in_days = _AGO[language]
    if minutes < 1:
        return now
    if minutes < 60:
        return in_minutes % minutes
    if minutes < 48 * 60:
        return in_hours % (minutes // 60)
    return in_days % (minutes // (24 * 60))


def span(milliseconds: int, language: str) -> str:
    """How long, in the largest unit that fits: "3 tahun"."""
    minutes = max(1, abs(milliseconds) // _MINUTE_MS)
    for length, singular, plural in _SPANS[language]:
        if minutes >= length:
            count = minutes // length
            return "%d %s" % (count, singular if count == 1 else plural)
    raise AssertionError("a minute is the shortest")


def size(bytes_used: float, language: str) -> str:
    """Bytes in words: "12,4 MB"."""
    unit = 0
    while bytes_used >= 1000 and unit < len(_UNITS) - 1:
        bytes_used /= 1000
        unit += 1
    return (
        decimal("%.1f" % bytes_used if unit else "%d" % bytes_used, language) + " " + _UNITS[unit]
    )


def number(value: float, language: str) -> str:
    """At most two decimals: an imported 56.94038503690722 kg is kept so, and read as 56,94."""
    if isinstance(value, float):
        value = round(value * _DECIMALS_SHOWN) / _DECIMALS_SHOWN
    return decimal(names.number(value), language)


def plain_unit(unit: str) -> str:
    """A UCUM unit without its annotations, which stand in braces: "{score}" is no unit."""
    while "{" in unit and "}" in unit[unit.find("{") :]:
        start = unit.find("{")
        unit = unit[:start] + unit[unit.find("}", start) + 1 :]
    return unit.strip().rstrip("/")


def decimal(text: str, language: str) -> str:
    """A number's text with the language's decimal sign, and none at a whole number."""
    if text.endswith(".0"):
        text = text[:-2]
    return text.replace(".", ",") if language == "id" else text
