"""The pages' words about editing a diagnosis, an allergy or a medicine, in both languages."""

from __future__ import annotations

JUDGEMENT = {
    "id": {
        "judgement.link": "Ubah",
        "judgement.title.Condition": "Ubah diagnosis",
        "judgement.title.AllergyIntolerance": "Ubah alergi",
        "judgement.title.MedicationRequest": "Ubah obat",
        "judgement.save": "Simpan perubahan",
        "judgement.saved": "{entry} – perubahan tersimpan di perangkat ini.",
        "judgement.reason": "Alasan perubahan",
        "judgement.nothing": "Belum ada yang diubah.",
        "judgement.unsaid": "– tidak diisi –",
        "judgement.beside": "Tercatat: {text}",
        "judgement.onset_hint": "Boleh tahun atau bulan saja: 2019, 2019-04, 17-4-2019.",
        "judgement.changed": (
            "Catatan ini diubah orang lain sejak Anda membukanya. Bila Anda menyimpan, isian Anda"
            " dan isian itu sama-sama disimpan untuk ditinjau."
        ),
        "judgement.error": "Salah catat?",
        "judgement.error_hint": (
            "Untuk catatan yang tidak seharusnya ada, misalnya salah pasien. Catatan ini tidak lagi"
            " tampil di rekam medis, tetapi tetap ada dalam jejak perubahan bersama penulisnya."
        ),
        "judgement.error_reason": "Alasan salah catat",
        "judgement.error_save": "Nyatakan salah catat",
        "judgement.error_saved": "{entry} – dinyatakan salah catat, tersimpan di perangkat ini.",
        "judgement.is_error": "Catatan ini dinyatakan salah catat.",
        "judgement.restore": "Kembalikan ke rekam medis",
        "judgement.restore_reason": "Alasan dikembalikan",
        "judgement.restored": "Dikembalikan, tersimpan di perangkat ini",
        "judgement.undone": "Perubahan dibatalkan",
        "judgement.undone_at_once": "Perubahan dibatalkan segera setelah disimpan",
        "judgement.not_undone": "Catatan ini sudah diubah lagi sesudahnya; tidak dapat dibatalkan.",
        "review.undo_short": "Batalkan",
        "review.draft_stale": "Isian yang berbeda sudah berubah sejak draf ini: pilih lagi.",
        "issue.onsetDateTime": "Tulis 2019, 2019-04, atau 17-4-2019; tidak di masa depan.",
        "field.reaction.severity": "Beratnya reaksi",
    },
    "en": {
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
            "Somebody changed this entry since you opened it. If you save, your values and theirs"
            " are both kept, to be reviewed."
        ),
        "judgement.error": "Entered in error?",
        "judgement.error_hint": (
            "For an entry that should never have been, as one of another patient. It is no longer"
            " shown in the record, and stays in its history with its author."
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
        "review.undo_short": "Undo",
        "review.draft_stale": "The differing values have changed since this draft: choose again.",
        "issue.onsetDateTime": "Write 2019, 2019-04 or 17-4-2019; not in the future.",
        "field.reaction.severity": "Severity of the reaction",
    },
}
