"""Finding a diagnosis by name or code."""

from __future__ import annotations

import re

from pwa.py.domain import diagnoses


def test_codes_are_icd_10_and_stand_once() -> None:
    codes = [code for code, _, _ in diagnoses.LIST]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[A-Z]\d\d(\.\d)?", code) for code in codes)


def test_found_by_a_part_of_the_name_in_either_language() -> None:
    found = diagnoses.find("darah dengue", "id")
    assert found == [{"code": "A91", "text": "Demam berdarah dengue"}]
    assert diagnoses.find("haemorrhagic", "id") == found


def test_found_by_code_with_and_without_the_dot() -> None:
    assert diagnoses.find("j06.9", "en")[0]["code"] == "J06.9"
    assert diagnoses.find("J069", "en")[0]["code"] == "J06.9"


def test_what_is_exactly_meant_comes_first() -> None:
    found = diagnoses.find("demam", "id")
    assert found[0] == {"code": "R50.9", "text": "Demam"}
    assert diagnoses.is_exact(found[0], "Demam ")
    assert not diagnoses.is_exact(found[1], "demam")


def test_no_more_than_the_limit_and_nothing_for_nothing() -> None:
    assert len(diagnoses.find("a", "id", 8)) == 8
    assert diagnoses.find("  ", "id") == []
    assert diagnoses.find("zzz", "id") == []


def test_what_is_seen_every_day_comes_before_what_is_rare() -> None:
    assert diagnoses.find("hiper", "id")[0]["code"] == "I10"


def test_every_frequent_code_is_in_the_list() -> None:
    known = {one[0] for one in diagnoses.LIST}
    assert set(diagnoses.FREQUENT) <= known
