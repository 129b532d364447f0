"""The demonstration: the same from the same seed, loaded once, believable, of no one."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from backend import demo
from backend.database import Database
from backend.demo_words import REGION_CODE
from pwa.py.domain import changes, validate
from pwa.py.domain.patients import SYSTEMS

TODAY = date(2026, 11, 23)
LIFE = range(1, 301)


def all_resources() -> list[dict[str, Any]]:
    return [item.resource for index in LIFE for item in demo.make_records(1, index, TODAY)]


def patients() -> list[dict[str, Any]]:
    return [item for item in all_resources() if item["resourceType"] == "Patient"]


async def test_loading_again_adds_nothing_and_more_adds_only_those(database: Database) -> None:
    lines: list[str] = []
    first = await demo.load_demo(database, 6, 1, lines.append)

    again = await demo.load_demo(database, 6, 1, lines.append)
    more = await demo.load_demo(database, 8, 1)

    assert first.patients == 6
    assert first.unchanged == 0
    assert (again.written, again.unchanged) == (0, first.written)
    assert more.unchanged == first.written
    assert more.written > 0
    assert more.facility_id == first.facility_id
    assert sum("password" in line for line in lines) == len(demo.ACCOUNTS)


def test_the_same_seed_gives_the_same_people() -> None:
    one = [item.resource for item in demo.make_records(5, 3, TODAY)]
    assert one == [item.resource for item in demo.make_records(5, 3, TODAY)]
    assert one != [item.resource for item in demo.make_records(6, 3, TODAY)]


def test_every_resource_is_one_that_the_app_would_accept() -> None:
    for index in LIFE:
        for record in demo.make_records(1, index, TODAY):
            draft = changes.create(record.resource, record.patient)
            sealed, _ = changes.seal([draft], changes.new_device_state("demo"), "someone", 1)
            assert validate.check(sealed[0][0]) == [], record.key


def test_ids_and_record_numbers_are_each_given_once() -> None:
    keys = Counter(f"{item['resourceType']}/{item['id']}" for item in all_resources())
    numbers = Counter(identifier(item, SYSTEMS["mrn"]) for item in patients())
    niks = Counter(identifier(item, SYSTEMS["nik"]) for item in patients())
    del niks[""]
    assert set(keys.values()) == set(numbers.values()) == set(niks.values()) == {1}


def test_identifiers_have_the_right_shape_and_are_nobodys() -> None:
    for person in patients():
        birth = date.fromisoformat(person["birthDate"])
        day = birth.day + (40 if person["gender"] == "female" else 0)
        nik, card = (identifier(person, SYSTEMS[name]) for name in ("nik", "bpjs"))
        assert not nik or (len(nik) == 16 and nik.startswith(REGION_CODE))
        assert not nik or nik[6:12] == f"{day:02}{birth:%m%y}"
        assert not card or (len(card) == 13 and card.isdigit())


def test_people_are_of_all_ages_and_some_have_one_name() -> None:
    ages = [(TODAY - date.fromisoformat(item["birthDate"])).days / 365.25 for item in patients()]
    names = [item["name"][0]["text"] for item in patients()]
    assert min(ages) >= 0
    assert 95 > max(ages) > 70
    assert sum(age < 15 for age in ages) > 40
    assert sum(" " not in name for name in names) > 15
    assert len(set(names)) > 200


def test_whoever_is_over_ninety_falls_ill_like_others() -> None:
    person, *others = demo.make_records(1, 334, TODAY)
    assert person.resource["birthDate"] < "1936-11-23"
    assert others


def test_visits_are_of_the_last_two_years_and_after_birth() -> None:
    for index in LIFE:
        records = demo.make_records(1, index, TODAY)
        birth = records[0].resource["birthDate"]
        for record in records:
            start = record.resource.get("period", {}).get("start", "")
            assert not start or max(birth, "2024-11-22") <= start[:10] <= TODAY.isoformat()


def test_vitals_lie_where_living_people_have_them() -> None:
    bounds = {
        "8867-4": (45, 190),
        "9279-1": (10, 60),
        "8310-5": (35, 41),
        "59408-5": (88, 100),
        "29463-7": (2, 110),
        "8302-2": (40, 190),
        "8480-6": (80, 210),
        "8462-4": (40, 130),
    }
    seen: Counter[str] = Counter()
    for item in all_resources():
        if item["resourceType"] == "Observation":
            for part in item.get("component", [item]):
                code = part["code"]["coding"][0]["code"]
                low, high = bounds[code]
                assert low <= part["valueQuantity"]["value"] <= high, (code, part)
                seen[code] += 1
    assert set(seen) == set(bounds)


def test_a_medicine_is_active_once_for_a_patient() -> None:
    for index in LIFE:
        active = Counter(
            item.resource["medicationCodeableConcept"]["text"]
            for item in demo.make_records(1, index, TODAY)
            if item.resource["resourceType"] == "MedicationRequest"
            and item.resource["status"] == "active"
        )
        assert not active or max(active.values()) == 1


def identifier(person: dict[str, Any], system: str) -> str:
    found = [item["value"] for item in person["identifier"] if item["system"] == system]
    return found[0] if found else ""
