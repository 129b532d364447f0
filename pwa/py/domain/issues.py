"""Issues: what is wrong with a piece of data, in the shape of FHIR's OperationOutcome.issue.

A data problem is never an exception: a function that checks data returns a list of these,
and an empty list means "fine". Codes are FHIR's issue-type value set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue


def issue(code: str, diagnostics: str, expression: str = "") -> Issue:
    """One error. `expression` is a path such as "Patient.birthDate"; empty when it is the whole."""
    return {
        "severity": "error",
        "code": code,
        "expression": [expression] if expression else [],
        "diagnostics": diagnostics,
    }


def invalid(expression: str, diagnostics: str) -> Issue:
    return issue("invalid", diagnostics, expression)


def required(expression: str) -> Issue:
    return issue("required", expression + " is required", expression)


def operation_outcome(issues: list[Issue]) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": issues}
