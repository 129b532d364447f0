"""The pages' words in English. The same keys as `words_id`; a test compares them."""

from __future__ import annotations

from pwa.py.ui.words_review_en import REVIEW

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
        "{count} records have not reached the server. They stay safe and locked on this "
        "device, and are sent once someone signs in here again."
    ),
    "sign_out.body.one": (
        "1 record has not reached the server. It stays safe and locked on this device, "
        "and is sent once someone signs in here again."
    ),
    "sign_out.confirm": "Sign out anyway",
    "state.saved": "Saved on this device",
    "state.sent": "Sent · waiting for the server",
    "state.server": "On the server",
    "state.server_number": "On the server · no. {number}",
    "state.attention": "Needs attention",
    "sync.unknown": "Not connected yet",
    "sync.synced": "All on the server",
    "sync.syncing": "Sending…",
    "sync.syncing_none": "Synchronising…",
    "sync.waiting": "{count} waiting",
    "sync.offline": "Offline · {count} waiting",
    "sync.offline_none": "Offline",
    "sync.signed_out": "Sign in again",
    "sync.attention": "{count} need attention",
    "sync.attention.one": "1 needs attention",
    "sync.attention_none": "Needs attention",
    "sync.first": "Downloading for the first time…",
    "sync.first_progress": "Downloading {done}/{total}",
    "sync_short.unknown": "Checking…",
    "sync_short.synced": "On server",
    "sync_short.syncing_none": "Syncing…",
    "sync_short.offline": "Offline · {count}",
    "sync_short.signed_out": "Sign in",
    "sync_short.attention": "{count} refused",
    "sync_short.attention_none": "Attention",
    "sync_short.first": "Downloading…",
    "sync_short.first_progress": "{done}/{total}",
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
        "Locked. What you typed could NOT be kept as a draft: this device's storage has a problem."
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
        "The session on the server has ended. You can go on working; records are sent once "
        "you sign in again."
    ),
    "unlock.again_wrong": (
        "Wrong password, or this account is disabled. Ask your admin; records are still sent "
        "when a colleague signs in on this device."
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
    "status.of_facility": "{held} of {total} patients of this facility",
    "chart.fetch": "Fetch from the server",
    "gender.male": "Male",
    "gender.female": "Female",
    "gender.other": "Other",
    "gender.unknown": "Unknown",
    "gender.": "–",
    "register.title": "Register patient",
    "register.person": "Person",
    "register.numbers": "Numbers",
    "register.contact": "Contact",
    "register.name": "Full name",
    "register.birthDate": "Birth date",
    "register.age_only": "Exact birth date unknown",
    "register.age": "Estimated age",
    "register.age_unit": "Unit of the age",
    "age.years": "years",
    "age.months": "months",
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
    "class.AMB": "Outpatient",
    "class.IMP": "Inpatient",
    "class.EMER": "Emergency",
    "class.HH": "Home visit",
    "class.VR": "Remote",
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
    "status.title": "Synchronisation",
    "status.now": "Send now",
    "status.last": "Last success {ago}",
    "status.never": "No success yet",
    "status.waiting": "Waiting to be sent",
    "status.blocked": (
        "The server does not allow this device or account. Sign in again, or ask your admin."
    ),
    "status.refused": "Needs attention",
    "status.refused_none": "Nothing was refused by the server.",
    "status.refused_hint": "The server did not accept these. They are still on this device.",
    "refused.forbidden": "Its author is not (or no longer) a member of this facility.",
    "refused.not-found": "This facility does not know the patient.",
    "refused.conflict": "Its number or patient does not match what the server has.",
    "refused.business-rule": "What it says is against the rules of the record.",
    "refused.invalid": "Something in it is not right.",
    "refused.other": "The server could not accept what it says.",
    "kind.Patient": "Patient details",
    "kind.Encounter": "Visit",
    "kind.Observation": "Measurement",
    "kind.Condition": "Diagnosis",
    "kind.DocumentReference": "Note",
    "kind.AllergyIntolerance": "Allergy",
    "kind.MedicationRequest": "Medicine",
    "kind.other": "Other data",
    "status.again": "Send again",
    "status.again_all": "Send all again",
    "status.again_done": "Sent again",
    "status.open_chart": "Open the record",
    "status.device": "Device",
    "status.device_id": "Device number",
    "status.user": "User",
    "status.patients": "Patients on this device",
    "status.storage": "Lasting storage",
    "status.persisted": "Yes – the browser will not remove it by itself",
    "status.not_persisted": (
        "Not promised – the browser may remove it when space runs out. Install Rekam as an app."
    ),
    "status.used": "Space used",
    "status.used_of": "{used} of {quota}",
    "error.title": "Something went wrong",
    "error.unknown": "What you typed is not lost. Try again; if it happens again, reload the page.",
    "error.storage": (
        "This device's storage is full. This is NOT saved yet. Free some space on the device,"
        " then try again."
    ),
    "error.storage_fault": (
        "The browser's storage cannot be read or written. Reload the page, then try again."
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
    "event.title": "What happened to this tablet's records",
    "event.read": "I have read this",
    "event.restored": "The server was restored from a backup.",
    "event.restored_from": "The server was restored from a backup that holds records up to {when}.",
    "event.again": "{count} entries of this tablet were sent again.",
    "event.again.one": "1 entry of this tablet was sent again.",
    "event.gone": (
        "{count} entries could not be sent again: they are too old to be still on this "
        "tablet. Tell your admin."
    ),
    "event.gone.one": (
        "1 entry could not be sent again: it is too old to be still on this tablet. Tell "
        "your admin."
    ),
    "event.nothing_missing": "Nothing of this tablet was missing.",
    "event.forked": (
        "This tablet is a copy of another, or was put back from an old image, and both "
        "were written on. {count} entries of this tablet were set aside: the server keeps "
        "them, and they are not in the record."
    ),
    "event.forked.one": (
        "This tablet is a copy of another, or was put back from an old image, and both "
        "were written on. 1 entry of this tablet was set aside: the server keeps it, and "
        "it is not in the record."
    ),
    "event.bar": "There is news about this tablet's records",
    "event.open": "Show",
    "aside.title": "Set aside",
    "aside.hint": (
        "The server keeps these {count} entries, and they are in nobody's record. Send "
        "again only what was not written on another tablet."
    ),
    "aside.hint.one": (
        "The server keeps this entry, and it is in nobody's record. Send it again only if "
        "it was not written on another tablet."
    ),
    "aside.again": "Send as a new entry",
    "aside.leave": "Leave it aside",
    "aside.leave_body": (
        "It leaves the list on this tablet. The server keeps it with your reason, and an admin "
        "can still take it into the record."
    ),
    "aside.patient_first": "Send the patient's own entry first.",
    "sync.revoked": "Tablet revoked",
    "unlock.revoked": (
        "Your facility has revoked this tablet. Its records cannot be opened here any "
        "more. All that was not sent is kept by the server."
    ),
    "unlock.revoked_waiting": (
        "Your facility has revoked this tablet. Its records cannot be opened here any "
        "more. {count} entries have not reached the server: leave the tablet on and "
        "connected."
    ),
    "unlock.revoked_waiting.one": (
        "Your facility has revoked this tablet. Its records cannot be opened here any "
        "more. 1 entry has not reached the server: leave the tablet on and connected."
    ),
    "drift.ahead": (
        "This tablet's clock is {span} ahead of the server's. Correct it in the tablet's "
        "settings; recording goes on."
    ),
    "drift.behind": (
        "This tablet's clock is {span} behind the server's. Correct it in the tablet's "
        "settings; recording goes on."
    ),
    "quota.bar": "This tablet's storage is nearly full: {share} % used",
    "quota.hint": "Remove photos or other apps from the tablet. What was not sent yet stays safe.",
    "rescue.title": "Rescue file",
    "rescue.hint": (
        "Holds everything on this tablet that is not in the record on the server, "
        "encrypted. Another tablet of this facility, or your admin, can read it in."
    ),
    "rescue.write": "Save a rescue file",
    "rescue.written": "File saved: {count} entries. They also stay on this tablet.",
    "rescue.written.one": "File saved: 1 entry. It also stays on this tablet.",
    "rescue.nothing": "There is nothing to rescue: everything is on the server.",
    "rescue.read": "Read a file of another tablet",
    "rescue.read_hint": "Reading it twice doubles nothing.",
    "rescue.reading": "Reading…",
    "rescue.too_large": "This file is too large.",
    "rescue.failed": "The file cannot be read.",
    "rescue.done": "{read} entries read: {new} new, {known} known before.",
    "rescue.refused": "{count} refused by the server, and kept.",
    "rescue.set_aside": "{count} set aside on the server.",
    "sync.app_old": "The app needs an update",
    "sync.server_old": "The server needs an update",
    "version.app_old": (
        "The server speaks a newer version. Reload the page to update the app. Recording "
        "goes on, and everything stays on this tablet until it can be sent."
    ),
    "version.server_old": (
        "The app on this tablet is newer than the server. Ask your admin to update the "
        "server. Recording goes on, and everything stays on this tablet until it can be "
        "sent."
    ),
    "chart.unknown_kind": "An entry of a kind this version does not know ({type})",
}

ENGLISH.update(REVIEW)
