"""Made-up patients of the demonstration: who they are, with identifiers of the right shape.

Pure: the random numbers and today's date are arguments.
"""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from random import Random
from typing import Any

from backend.demo_words import (
    FEMALE,
    MALE,
    MODERN,
    MODERN_AGE_MAX,
    MODERN_SHARE,
    PEOPLES,
    PROVINCE,
    REGENCY,
    REGION_CODE,
    STREETS,
    SUB_DISTRICT,
    VILLAGES,
)
from pwa.py.domain.patients import SYSTEMS

# From, up to, share of a hundred: a health centre sees more of the very young and the old.
AGES = (
    (0, 5, 14),
    (5, 15, 14),
    (15, 25, 12),
    (25, 45, 25),
    (45, 60, 19),
    (60, 75, 13),
    (75, 92, 3),
)
DAYS_A_YEAR = 365.25
# A woman's NIK adds 40 to the day of birth.
NIK_WOMAN_DAYS = 40


def make_id(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def make_patient(random: Random, index: int, today: date) -> dict[str, Any]:
    """The patient with this place in the demonstration, counted from 1."""
    sex = random.choice((MALE, FEMALE))
    birth = make_birth_date(random, today)
    age = (today - birth).days / DAYS_A_YEAR
    village = random.choice(VILLAGES)
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "id": make_id(random),
        "active": True,
        "identifier": _make_identifiers(random, index, birth, sex, village),
        "name": [{"use": "official", "text": make_name(random, sex, age)}],
        "gender": "female" if sex == FEMALE else "male",
        "birthDate": birth.isoformat(),
        "address": [_make_address(random, village)],
    }
    if random.random() < 0.8:
        # In a block that no operator gives out.
        number = f"08120000{random.randrange(10_000):04}"
        patient["telecom"] = [{"system": "phone", "value": number, "use": "mobile"}]
    return patient


def make_birth_date(random: Random, today: date) -> date:
    low, high, _ = random.choices(AGES, [share for _, _, share in AGES])[0]
    days = random.uniform(low * DAYS_A_YEAR, high * DAYS_A_YEAR)
    return today - timedelta(days=int(days) + 1)


def make_name(random: Random, sex: int, age: float) -> str:
    _, _, parts = random.choices(PEOPLES, [share for _, share, _ in PEOPLES])[0]
    if age < MODERN_AGE_MAX and random.random() < MODERN_SHARE:
        parts = MODERN
    words = [random.choice(words) for words in parts[sex]]
    return " ".join(word for at, word in enumerate(words) if word and word not in words[:at])


def make_nik(random: Random, birth: date, sex: int, village: str) -> str:
    """16 digits: region, day (a woman's plus 40), month, year, and a running number."""
    day = birth.day + (NIK_WOMAN_DAYS if sex == FEMALE else 0)
    sub_district = 1 + VILLAGES.index(village)
    running = random.randint(1, 9999)
    return f"{REGION_CODE}{sub_district:02}{day:02}{birth:%m%y}{running:04}"


def _make_identifiers(
    random: Random, index: int, birth: date, sex: int, village: str
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"use": "usual", "system": SYSTEMS["mrn"], "value": f"{index:06}"}
    ]
    if random.random() < 0.92:
        nik = make_nik(random, birth, sex, village)
        found.append({"use": "official", "system": SYSTEMS["nik"], "value": nik})
    if random.random() < 0.85:
        card = f"0009{random.randrange(10**9):09}"
        found.append({"use": "secondary", "system": SYSTEMS["bpjs"], "value": card})
    return found


def _make_address(random: Random, village: str) -> dict[str, Any]:
    house = f"{random.choice(STREETS)} No. {random.randint(1, 120)}"
    block = f"RT {random.randint(1, 9):03}/RW {random.randint(1, 12):03}"
    return {
        "use": "home",
        "line": [f"{house}, {block}", f"Kel. {village}"],
        "district": SUB_DISTRICT,
        "city": REGENCY,
        "state": PROVINCE,
        "country": "ID",
    }
