"""Words of the way to the server, of what was refused or differs, and of edits, in English."""

from __future__ import annotations

WORK = {
    "state.saved": "Saved on this device",
    "state.sent": "Sent · waiting for the server",
    "state.server": "On the server",
    "state.server_number": "On the server · no. {number}",
    "state.attention": "Needs attention",
    "state.withdrawn": "Withdrawn · goes with the next synchronisation",
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
    "sync.revoked": "Device revoked",
    "sync.app_old": "The app needs an update",
    "sync.server_old": "The server needs an update",
    "sync.syncing_sent": "Sent, waiting for an answer…",
    "sync_short.unknown": "Checking…",
    "sync_short.synced": "On server",
    "sync_short.syncing_none": "Syncing…",
    "sync_short.offline": "Offline · {count}",
    "sync_short.signed_out": "Sign in",
    "sync_short.attention": "{count} to check",
    "sync_short.attention_none": "Attention",
    "sync_short.first": "Downloading…",
    "sync_short.first_progress": "{done}/{total}",
    "sync_short.syncing_sent": "Sending…",
    "status.of_facility": "{held} of {total} patients of this facility",
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
    "status.sent": "Sent, not answered yet",
    "status.device_name": "Name of this device",
    "refused.forbidden": "Its author is not (or no longer) a member of this facility.",
    "refused.not-found": "This facility does not know the patient.",
    "refused.conflict": "Its number or patient does not match what the server has.",
    "refused.business-rule": "What it says is against the rules of the record.",
    "refused.invalid": "Something in it is not right.",
    "refused.other": "The server could not accept what it says.",
    "refused.title": "Refused by the server",
    "refused.open": "See and settle ({count})",
    "refused.incomplete": "It waits for other work that was refused.",
    "refused.deleted": "It was withdrawn, or builds upon what was withdrawn.",
    "refused.waits": "Waits for no. {number}: it is sent or withdrawn together with it.",
    "refused.mend": "Correct",
    "refused.save": "Save correction",
    "refused.mended": "Correction saved, and will be sent",
    "refused.contents": "Contents",
    "refused.others": "Other fields",
    "refused.not_understood": "This version of the app does not know this field.",
    "refused.withdraw": "Withdraw",
    "refused.reason": "Reason for withdrawing",
    "refused.ask_title": "Withdraw this?",
    "refused.ask_one": "This will not enter the record. The reason is noted on the server.",
    "refused.ask": (
        "This and {count} more entries that build upon it will not enter the record. The reason is "
        "noted on the server."
    ),
    "refused.ask_patient": (
        "This patient is not on the server yet. The whole record on this device goes with it: the "
        "patient and {count} more entries. The reason is noted on the server."
    ),
    "refused.withdrawn": "{count} entries withdrawn.",
    "refused.withdrawn.one": "1 entry withdrawn.",
    "refused.undone": "Taken back",
    "refused.too_late": "The server has been told; this cannot be undone any more",
    "event.title": "What happened to this device’s records",
    "event.read": "I have read this",
    "event.restored": "The server was restored from a backup.",
    "event.restored_from": "The server was restored from a backup that holds records up to {when}.",
    "event.again": "{count} entries of this device were sent again.",
    "event.again.one": "1 entry of this device was sent again.",
    "event.gone": (
        "{count} entries could not be sent again: they are too old to be still on this device. "
        "Tell your admin."
    ),
    "event.gone.one": (
        "1 entry could not be sent again: it is too old to be still on this device. Tell your "
        "admin."
    ),
    "event.doubted": (
        "Up to {count} older entries may be missing on the server: they are too old to be still on "
        "this device. Tell your admin."
    ),
    "event.doubted.one": (
        "1 older entry may be missing on the server: it is too old to be still on this device. "
        "Tell your admin."
    ),
    "event.nothing_missing": "Nothing of this device was missing.",
    "event.forked": (
        "This device is a copy of another, or was put back from an old backup, and both were "
        "written on. {count} entries of this device were set aside: the server keeps them, and "
        "they are not in the record."
    ),
    "event.forked.one": (
        "This device is a copy of another, or was put back from an old backup, and both were "
        "written on. 1 entry of this device was set aside: the server keeps it, and it is not in "
        "the record."
    ),
    "event.bar": "There is news about this device’s records",
    "event.open": "Show",
    "aside.title": "Set aside",
    "aside.hint": (
        "The server keeps these {count} entries, and they are in nobody’s record. Send again only "
        "what was not written on another device."
    ),
    "aside.hint.one": (
        "The server keeps this entry, and it is in nobody’s record. Send it again only if it was "
        "not written on another device."
    ),
    "aside.elsewhere": "Patient not on this device",
    "aside.again": "Send as a new entry",
    "aside.leave": "Leave it aside",
    "aside.leave_body": (
        "It leaves the list on this device. The server keeps it with your reason, and an admin can "
        "still take it into the record."
    ),
    "aside.open_first": "Open the patient’s chart first: it is not on this device.",
    "aside.patient_first": "Send the patient’s own entry first.",
    "aside.reason": "Reason for leaving it aside",
    "aside.left": "Entry left aside.",
    "drift.ahead": (
        "This device’s clock is {span} ahead of the server’s. Correct it in the device’s settings; "
        "recording goes on."
    ),
    "drift.behind": (
        "This device’s clock is {span} behind the server’s. Correct it in the device’s settings; "
        "recording goes on."
    ),
    "quota.bar": "This device’s storage is nearly full: {share} % used",
    "quota.hint": "Remove photos or other apps from the device. What was not sent yet stays safe.",
    "rescue.title": "Rescue file",
    "rescue.hint": (
        "Holds everything on this device that is not in the record on the server, encrypted. "
        "Another device of this facility, or your admin, can read it in."
    ),
    "rescue.write": "Save a rescue file",
    "rescue.written": "File saved: {count} entries. They also stay on this device.",
    "rescue.written.one": "File saved: 1 entry. It also stays on this device.",
    "rescue.nothing": "There is nothing to rescue: everything is on the server.",
    "rescue.read": "Read a file of another device",
    "rescue.read_hint": "Reading it twice doubles nothing.",
    "rescue.reading": "Reading…",
    "rescue.too_large": "This file is too large.",
    "rescue.failed": "The file cannot be read.",
    "rescue.done": "{read} entries read: {new} new, {known} known before.",
    "rescue.refused": "{count} refused by the server, and kept.",
    "rescue.set_aside": "{count} set aside on the server.",
    "rescue.from": "From {device}:",
    "version.app_old": (
        "The server speaks a newer version. Reload the page to update the app. Recording goes on, "
        "and everything stays on this device until it can be sent."
    ),
    "version.server_old": (
        "The app on this device is newer than the server. Ask your admin to update the server. "
        "Recording goes on, and everything stays on this device until it can be sent."
    ),
    "conflict.title": "Written differently",
    "conflict.title_of": "Written differently: {text}",
    "conflict.link": "Review and decide",
    "conflict.badge": "{count} differ",
    "conflict.badge.one": "1 differs",
    "conflict.badge_label": "{count} differing values wait for a decision",
    "conflict.badge_label.one": "1 differing value waits for a decision",
    "review.title": "Differing values",
    "review.hint": (
        "Two people wrote the same thing without seeing each other’s value. All values are kept "
        "until somebody decides."
    ),
    "review.none": "No values are waiting for a decision.",
    "review.none_hint": (
        "When two devices write the same thing differently, the values appear here."
    ),
    "review.none_here": "This patient has no differing values.",
    "review.all": "All patients with differing values",
    "review.use": "Use this value",
    "review.leave": "Decide later",
    "review.union": "Keep them all, joined",
    "review.split": "Keep them all, each as an entry of its own",
    "review.write": "Write another value",
    "review.write_label": "Another value for {field}",
    "review.pick": "Choose…",
    "review.reason": "Reason for the decision",
    "review.reason_hint": "Kept in the history with your name.",
    "review.save": "Save decision",
    "review.saved": "The decision is saved on this device.",
    "review.undo": "Undo the decision",
    "review.undo_reason": "Reason for undoing it",
    "review.undo_said": "Decision undone: {reason}",
    "review.undo_at_once": "Decision undone right after it was saved",
    "review.undone": "The decision is undone. All values are open again.",
    "review.not_undone": "This was changed since, so the decision cannot be undone.",
    "review.decisions": "Earlier decisions",
    "review.decided": "{field}: {to}",
    "review.instead_of": "out of {text}",
    "review.why": "Reason: {text}",
    "review.saw": "Had seen: {text}",
    "review.saw_nothing": "The first value",
    "review.changed": (
        "This record changed while you were reviewing. What is shown was there before."
    ),
    "review.show_now": "Show what is there now",
    "review.choose_first": "Choose a value first.",
    "review.status_too": "Decide on its status too: a finding is not altered without one.",
    "review.gone": "This entry is not on this device any more.",
    "review.person": "Patient details",
    "review.draft_stale": "The differing values have changed since this draft: choose again.",
    "history.title": "History of changes",
    "history.link": "History",
    "history.entries": "History of this visit’s entries",
    "history.loading": "Fetching the history from the server…",
    "history.whole": "All versions that the server has are shown.",
    "history.partial": (
        "Without the network only what this device knows is shown. Older history needs the network."
    ),
    "history.created": "Created",
    "history.edited": "Changed",
    "history.device_clock": "Device’s clock",
    "history.server_clock": "Received by the server",
    "history.where": "Device",
    "history.number": "{when} · no. {number}",
    "history.drift": "the device’s clock is {text} off the server’s",
    "history.pushed": "Sent by {name}",
    "history.waiting": "Not on the server yet",
    "history.refused": "Refused by the server",
    "history.known": "From the record on this device",
    "history.more_fields": "{count} fields",
    "history.more_fields.one": "1 field",
    "fate.current": "stands",
    "fate.open": "differs, not decided",
    "fate.replaced": "replaced",
    "fate.superseded": "superseded: a later value was there already",
    "judgement.link": "Edit",
    "judgement.title.Condition": "Edit diagnosis",
    "judgement.title.AllergyIntolerance": "Edit allergy",
    "judgement.title.MedicationRequest": "Edit medicine",
    "judgement.save": "Save changes",
    "judgement.saved": "{entry} – changes saved on this device.",
    "judgement.reason": "Reason for the change",
    "judgement.nothing": "Nothing was changed yet.",
    "judgement.unsaid": "– not stated –",
    "judgement.beside": "Recorded: {text}",
    "judgement.onset_hint": "A year or a month is enough: 2019, 2019-04, 17-4-2019.",
    "judgement.changed": (
        "Somebody changed this entry since you opened it. If you save, your values and theirs are "
        "both kept, to be reviewed."
    ),
    "judgement.error": "Entered in error?",
    "judgement.error_hint": (
        "For an entry that should never have been, as one of another patient. It is no longer "
        "shown in the record, and stays in its history with its author."
    ),
    "judgement.error_reason": "Reason it is an error",
    "judgement.error_save": "Mark as entered in error",
    "judgement.error_saved": "{entry} – marked as entered in error, saved on this device.",
    "judgement.is_error": "This entry was marked as entered in error.",
    "judgement.restore": "Bring it back into the record",
    "judgement.restore_reason": "Reason for bringing it back",
    "judgement.restored": "Brought back, saved on this device",
    "judgement.undone": "The change is undone",
    "judgement.undone_at_once": "Change undone right after it was saved",
    "judgement.not_undone": "This entry was changed again since; it cannot be undone.",
    "day.title": "The day’s count",
    "day.date": "Date",
    "day.facility": "Facility",
    "day.person": "Printed by",
    "day.device": "This device",
    "day.number": "Last number",
    "day.hash": "Chain hash",
    "day.hash_none": "none yet: nothing was written on this device",
    "day.author": "Author",
    "day.colleague": "A colleague (named once connected)",
    "day.written": "Written",
    "day.server": "On the server",
    "day.waiting": "Waiting",
    "day.refused": "Refused",
    "day.withdrawn": "Withdrawn",
    "day.total": "Total",
    "day.none": "Nothing was written on this day.",
    "day.checking": "Checking… {done}",
    "day.agree": "They agree: the server has the same number and the same content.",
    "day.unsent": (
        "{count} entries are not known to be on the server; all others agree. Send them, then "
        "check again."
    ),
    "day.unsent.one": (
        "1 entry is not known to be on the server; all others agree. Send it, then check again."
    ),
    "day.differ": (
        "This does NOT agree with the server. Delete nothing from this device; keep or print this "
        "page, and call your admin."
    ),
    "day.differ_number": "The server does not know this device’s chain up to no. {number}.",
    "day.differ_count": "On the device {here}, on the server {there}.",
    "day.broken": "The chain on this device is broken at no. {number}.",
    "day.chain": "The chain on this device is whole: no. {first}–{last}.",
    "day.since": "This device keeps its entries from no. {number} on; the count is not complete.",
    "day.sent": "{count} entries are sent; the server has not answered yet.",
    "day.sent.one": "1 entry is sent; the server has not answered yet.",
    "day.offline": "Not compared with the server: no connection.",
    "day.last": "Last compared {when}: {verdict}",
    "day.was_agree": "agreed",
    "day.was_unsent": "some was not sent",
    "day.was_differ": "did not agree",
    "day.check": "Check again",
    "day.print": "Print",
    "day.sign": "Signature",
}
