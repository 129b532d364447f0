"""The pages' words in English. The same keys as `words_id`; a test compares them.

The words of the record itself, and of how work comes to the server, stand in files of their own.
"""

from __future__ import annotations

from pwa.py.ui.words_record_en import RECORD
from pwa.py.ui.words_work_en import WORK

ENGLISH = {
    "app.skip": "Skip to the page",
    "app.lock": "Lock",
    "app.sign_out": "Sign out",
    "app.language": "Bahasa Indonesia",
    "app.language_label": "Change language to Indonesian",
    "app.menu": "Menu",
    "app.patients": "Patients",
    "app.close": "Close",
    "app.cancel": "Cancel",
    "app.undo": "Undo",
    "app.new_version": "New version available",
    "app.reload": "Reload",
    "app.optional": "optional",
    "app.not_found": "There is no such page.",
    "app.not_found_title": "Page not found",
    "leave.title": "This form is not saved",
    "leave.body": (
        "What you typed is kept as a draft on this device and comes back when you return."
    ),
    "leave.stay": "Keep writing",
    "leave.keep": "Leave, keep draft",
    "leave.discard": "Discard",
    "sign_out.title": "Some records are not sent yet",
    "sign_out.body": (
        "{count} records have not reached the server. They stay safe and locked on this device, "
        "and are sent once someone signs in here again."
    ),
    "sign_out.body.one": (
        "1 record has not reached the server. It stays safe and locked on this device, and is sent "
        "once someone signs in here again."
    ),
    "sign_out.confirm": "Sign out anyway",
    "unlock.title": "Sign in",
    "unlock.title_known": "Unlock",
    "unlock.hint": "The first time on this device needs the network.",
    "unlock.hint_known": (
        "Your password opens the records on this device, with or without a network."
    ),
    "unlock.username": "User name",
    "unlock.password": "Password",
    "unlock.button": "Sign in",
    "unlock.button_known": "Unlock",
    "unlock.busy": "Checking the password…",
    "unlock.locked": "Locked after a long pause. What you typed is kept as a draft.",
    "unlock.draft_lost": (
        "Locked. What you typed could NOT be kept as a draft: this device’s storage has a problem."
    ),
    "unlock.empty": "Enter user name and password.",
    "unlock.wrong": "Wrong user name or password.",
    "unlock.offline": (
        "This user has not signed in on this device yet. The first time needs the network."
    ),
    "unlock.too_many": "Too many attempts. Wait a few minutes, then try again.",
    "unlock.other_facility": "This device belongs to another facility.",
    "unlock.again_title": "Sign in to the server again",
    "unlock.again_body": (
        "The session on the server has ended. You can go on working; records are sent once you "
        "sign in again."
    ),
    "unlock.again_wrong": (
        "Wrong password, or this account is disabled. Ask your admin; records are still sent when "
        "a colleague signs in on this device."
    ),
    "unlock.revoked": (
        "Your facility has revoked this device. Its records cannot be opened here any more. All "
        "that was not sent is kept by the server."
    ),
    "unlock.revoked_waiting": (
        "Your facility has revoked this device. Its records cannot be opened here any more. "
        "{count} entries have not reached the server: leave the device on and connected."
    ),
    "unlock.revoked_waiting.one": (
        "Your facility has revoked this device. Its records cannot be opened here any more. 1 "
        "entry has not reached the server: leave the device on and connected."
    ),
    "patients.title": "Patients",
    "patients.search": "Search name, national or insurance number, record no., birth date",
    "patients.search_short": "Name, any number, birth date",
    "patients.register": "Register patient",
    "patients.count": "{count} patients on this device",
    "patients.count.one": "1 patient on this device",
    "patients.found": "{count} found",
    "patients.more": "Only the first {count} are shown. Type more to narrow it down.",
    "patients.none": "No patients on this device yet.",
    "patients.none_hint": "Register the first patient, or wait for the download from the server.",
    "patients.not_found": "No patient matches “{text}”.",
    "patients.not_found_hint": "Check the spelling, or register a new patient.",
    "first.progress": "First download: {done} of {total} patients",
    "first.left": "– about {minutes} min left",
    "first.left_short": "– less than a minute left",
    "first.left_long": "– it will take long on this network",
    "first.usable": "You can work already. Those who were here last come first.",
    "first.waits": "It goes on from here as soon as the server can be reached.",
    "lookup.offer": "Search the whole facility",
    "lookup.only_here": "Only the patients on this device were searched.",
    "lookup.offline": "Offline: only patients on this device can be searched.",
    "lookup.busy": "Searching the whole facility…",
    "lookup.busy_chart": "Fetching the record…",
    "lookup.fetching": "Fetching the record of {name}…",
    "lookup.found": "{count} more in this facility",
    "lookup.hint": (
        "Not on this device yet. The record you choose is fetched from the server and kept here."
    ),
    "lookup.none": "No patient in the whole facility matches “{text}”.",
    "lookup.all_here": "There is nobody else in this facility.",
    "lookup.more": "There are more. Type more to narrow it down.",
    "lookup.gone": "This patient is no longer on the server.",
    "lookup.again": "Try again",
    "chart.fetch": "Fetch from the server",
    "chart.record": "Record visit",
    "chart.draft": "Unsaved draft – continue",
    "chart.missing": "This patient is not on this device.",
    "chart.missing_title": "No such patient",
    "chart.missing_hint": (
        "Perhaps not downloaded yet. Go back to the list, or wait for synchronisation."
    ),
    "chart.allergies": "Allergies",
    "chart.allergies_none": "No allergies recorded",
    "chart.problems": "Problems",
    "chart.problems_none": "No problems recorded yet",
    "chart.past": "Past ({count})",
    "chart.medications": "Active medicines",
    "chart.medications_none": "No active medicines recorded",
    "chart.encounters": "Visits",
    "chart.encounters_count": "{shown} of {total}",
    "chart.encounters_none": "No visits recorded yet.",
    "chart.more": "Show more",
    "chart.others": "{count} tests, procedures and medicines",
    "chart.others.one": "1 test, procedure or medicine",
    "chart.loose": "{count} entries outside visits",
    "chart.loose.one": "1 entry outside visits",
    "chart.deceased": "Deceased",
    "chart.born": "Born",
    "chart.birth_unknown": "Birth date unknown",
    "chart.since": "since {date}",
    "chart.no_reason": "Visit",
    "chart.unnamed": "No name",
    "chart.conflicts": (
        "{count} entries were written differently on two devices; both values are kept."
    ),
    "chart.conflicts.one": "1 entry was written differently on two devices; both values are kept.",
    "chart.unusual": "outside the usual range",
    "chart.high_risk": "high risk",
    "chart.withdrawn": "Entered in error",
    "chart.unknown_kind": "An entry of a kind this version does not know ({type})",
    "register.title": "Register patient",
    "register.person": "Person",
    "register.numbers": "Numbers",
    "register.contact": "Contact",
    "register.name": "Full name",
    "register.birthDate": "Birth date",
    "register.age_only": "Exact birth date unknown",
    "register.age": "Estimated age",
    "register.age_unit": "Unit of the age",
    "register.gender": "Sex",
    "register.nik": "National ID (NIK)",
    "register.nik_hint": "16 digits",
    "register.bpjs": "BPJS card no.",
    "register.bpjs_hint": "13 digits",
    "register.mrn": "Medical record no.",
    "register.phone": "Phone",
    "register.address": "Address",
    "register.village": "Village",
    "register.save": "Save patient",
    "register.saved": "{name} saved on this device",
    "register.duplicate": "This patient was already saved in another tab.",
    "register.similar": "Perhaps already registered – check first:",
    "age.years": "years",
    "age.months": "months",
    "visit.title": "Record visit",
    "visit.reason": "Complaint / reason for the visit",
    "visit.vitals": "Vital signs",
    "visit.note": "Note",
    "visit.note_hint": "History, examination, assessment, plan",
    "visit.diagnoses": "Diagnoses",
    "visit.diagnoses_search": "Search name or ICD-10 code",
    "visit.diagnoses_free": "Write “{text}” without a code",
    "visit.diagnoses_remove": "Remove {text}",
    "visit.diagnoses_found": "{count} choices",
    "visit.diagnoses_found.one": "1 choice",
    "visit.save": "Save visit",
    "visit.saved": "Visit saved on this device",
    "visit.duplicate": "This visit was already saved in another tab.",
    "visit.bmi": "BMI {value} kg/m²",
    "visit.unusual": "Outside the usual adult range ({low}–{high})",
    "vital.systolic": "Systolic",
    "vital.diastolic": "Diastolic",
    "vital.pulse": "Pulse",
    "vital.respiration": "Breathing",
    "vital.temperature": "Temperature",
    "vital.saturation": "SpO₂",
    "vital.weight": "Weight",
    "vital.height": "Height",
    "vital.pressure": "Blood pressure",
    "draft.restored": "Your draft is back.",
    "draft.drop": "Start empty",
    "form.issues": "{count} fields need a correction.",
    "form.issues.one": "1 field needs a correction.",
    "issue.required": "Required.",
    "issue.too-long": "Too long.",
    "issue.invalid": "This is not valid.",
    "issue.nik": "A NIK has 16 digits.",
    "issue.bpjs": "A BPJS number has 13 digits.",
    "issue.birthDate": "Not a valid birth date: in the future, or too long ago.",
    "issue.age": "Write an age of 0–130.",
    "issue.gender": "Choose one.",
    "issue.range": "Must be between {low} and {high}.",
    "issue.number": "Write a number only.",
    "issue.pressure": "Fill in systolic and diastolic, or neither.",
    "issue.onsetDateTime": "Write 2019, 2019-04 or 17-4-2019; not in the future.",
    "issue.date": "Write a date such as 17-5-1990 or 1990-05-17.",
    "error.title": "Something went wrong",
    "error.unknown": "What you typed is not lost. Try again; if it happens again, reload the page.",
    "error.storage": (
        "This device’s storage is full. This is NOT saved yet. Free some space on the device, then "
        "try again."
    ),
    "error.storage_fault": (
        "The browser’s storage cannot be read or written. Reload the page, then try again."
    ),
    "error.outdated": "A newer Rekam was opened in another tab. Reload this page.",
    "error.stale": "This was just changed in another tab. Save once more.",
    "error.offline": "The server cannot be reached. Your work stays saved on this device.",
    "error.signed_out": (
        "The session on the server has ended. Sign in again on the Synchronisation page."
    ),
    "error.server": "The server has a problem. Records stay on this device and are sent later.",
    "error.refused": "The server refused this request.",
    "error.detail": "Details",
}

ENGLISH.update(RECORD)
ENGLISH.update(WORK)
