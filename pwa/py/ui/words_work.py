"""The pages' words about refused work and the day's count, in both languages."""

from __future__ import annotations

WORK = {
    "id": {
        "refused.title": "Ditolak server",
        "refused.open": "Lihat dan selesaikan ({count})",
        "refused.incomplete": "Menunggu data lain yang juga ditolak.",
        "refused.deleted": "Sudah ditarik, atau dibuat di atas data yang sudah ditarik.",
        "refused.waits": "Menunggu no. {number}: ikut dikirim atau ditarik bersamanya.",
        "refused.mend": "Perbaiki",
        "refused.save": "Simpan perbaikan",
        "refused.mended": "Perbaikan tersimpan dan akan dikirim",
        "refused.others": "Isian lain",
        "refused.withdraw": "Tarik",
        "refused.reason": "Alasan ditarik",
        "refused.ask_title": "Tarik data ini?",
        "refused.ask_one": (
            "Data ini tidak akan masuk ke rekam medis. Alasannya dicatat di server."
        ),
        "refused.ask": (
            "Data ini dan {count} data lain yang dibuat di atasnya tidak akan masuk ke rekam"
            " medis. Alasannya dicatat di server."
        ),
        "refused.ask_patient": (
            "Pasien ini belum ada di server. Seluruh rekam medisnya di perangkat ini ikut hilang:"
            " data pasien dan {count} data lain. Alasannya dicatat di server."
        ),
        "refused.withdrawn": "{count} data ditarik.",
        "refused.undo": "Batalkan",
        "refused.undone": "Dikembalikan",
        "refused.too_late": "Server sudah diberi tahu; tidak bisa dibatalkan lagi",
        "state.withdrawn": "Ditarik · hilang saat sinkronisasi berikutnya",
        "issue.date": "Tulis tanggal seperti 1990-05-17.",
        "leaf.name.text": "Nama lengkap",
        "leaf.birthDate": "Tanggal lahir",
        "leaf.gender": "Jenis kelamin",
        "leaf.identifier.value": "Nomor identitas",
        "leaf.telecom.value": "Telepon",
        "leaf.address.text": "Alamat",
        "leaf.reasonCode.text": "Keluhan",
        "leaf.code.text": "Diagnosis",
        "leaf.code.coding.code": "Kode",
        "leaf.code.coding.display": "Pemeriksaan",
        "leaf.component.code.coding.display": "Bagian",
        "leaf.valueQuantity.value": "Nilai",
        "leaf.valueQuantity.unit": "Satuan",
        "leaf.component.valueQuantity.value": "Nilai bagian",
        "leaf.note.text": "Catatan",
        "leaf.content.attachment.data": "Catatan",
        "leaf.dosageInstruction.text": "Aturan pakai",
        "leaf.effectiveDateTime": "Waktu",
        "leaf.recordedDate": "Dicatat pada",
        "leaf.period.start": "Waktu kunjungan",
        "leaf.date": "Tanggal",
        "day.title": "Hitungan harian",
        "day.date": "Tanggal",
        "day.facility": "Fasilitas",
        "day.person": "Dicetak oleh",
        "day.device": "Perangkat ini",
        "day.number": "Nomor terakhir",
        "day.hash": "Sidik rantai",
        "day.author": "Penulis",
        "day.written": "Ditulis",
        "day.server": "Di server",
        "day.waiting": "Menunggu",
        "day.refused": "Ditolak",
        "day.withdrawn": "Ditarik",
        "day.here": "Perangkat ini",
        "day.elsewhere": "Perangkat {device}",
        "day.total": "Jumlah",
        "day.none": "Belum ada yang ditulis pada hari ini.",
        "day.checking": "Memeriksa… {done}",
        "day.agree": "Cocok: hitungan dan sidik rantai sama dengan server.",
        "day.unsent": (
            "{count} data belum sampai di server; yang sudah terkirim cocok. Kirim dulu, lalu"
            " periksa lagi."
        ),
        "day.differ": (
            "TIDAK COCOK dengan server. Jangan hapus apa pun dari perangkat ini; simpan atau"
            " cetak halaman ini, dan hubungi admin."
        ),
        "day.differ_number": "Server tidak mengenal rantai perangkat ini sampai no. {number}.",
        "day.differ_count": "Di perangkat {here}, di server {there}.",
        "day.broken": "Rantai di perangkat ini terputus di no. {number}.",
        "day.chain": "Rantai di perangkat ini utuh: no. {first}–{last}.",
        "day.since": "Perangkat ini masih menyimpan data sejak no. {number}; hitungan tidak utuh.",
        "day.offline": "Belum dibandingkan dengan server: tidak terhubung.",
        "day.last": "Terakhir dibandingkan {when}: {verdict}",
        "day.was_agree": "cocok",
        "day.was_unsent": "ada yang belum terkirim",
        "day.was_differ": "tidak cocok",
        "day.check": "Periksa lagi",
        "day.print": "Cetak",
        "day.sign": "Tanda tangan",
    },
    "en": {
        "refused.title": "Refused by the server",
        "refused.open": "See and settle ({count})",
        "refused.incomplete": "It waits for other work that was refused.",
        "refused.deleted": "It was withdrawn, or builds upon what was withdrawn.",
        "refused.waits": "Waits for no. {number}: it is sent or withdrawn together with it.",
        "refused.mend": "Correct",
        "refused.save": "Save correction",
        "refused.mended": "Correction saved, and will be sent",
        "refused.others": "Other fields",
        "refused.withdraw": "Withdraw",
        "refused.reason": "Reason for withdrawing",
        "refused.ask_title": "Withdraw this?",
        "refused.ask_one": ("This will not enter the record. The reason is noted on the server."),
        "refused.ask": (
            "This and {count} more entries that build upon it will not enter the record. The"
            " reason is noted on the server."
        ),
        "refused.ask_patient": (
            "This patient is not on the server yet. The whole record on this device goes with it:"
            " the patient and {count} more entries. The reason is noted on the server."
        ),
        "refused.withdrawn": "{count} entries withdrawn.",
        "refused.withdrawn.one": "1 entry withdrawn.",
        "refused.undo": "Undo",
        "refused.undone": "Taken back",
        "refused.too_late": "The server has been told; this cannot be undone any more",
        "state.withdrawn": "Withdrawn · goes with the next synchronisation",
        "issue.date": "Write a date such as 1990-05-17.",
        "leaf.name.text": "Full name",
        "leaf.birthDate": "Birth date",
        "leaf.gender": "Sex",
        "leaf.identifier.value": "Identity number",
        "leaf.telecom.value": "Phone",
        "leaf.address.text": "Address",
        "leaf.reasonCode.text": "Complaint",
        "leaf.code.text": "Diagnosis",
        "leaf.code.coding.code": "Code",
        "leaf.code.coding.display": "Examination",
        "leaf.component.code.coding.display": "Part",
        "leaf.valueQuantity.value": "Value",
        "leaf.valueQuantity.unit": "Unit",
        "leaf.component.valueQuantity.value": "Value of the part",
        "leaf.note.text": "Note",
        "leaf.content.attachment.data": "Note",
        "leaf.dosageInstruction.text": "Dosage",
        "leaf.effectiveDateTime": "Time",
        "leaf.recordedDate": "Recorded on",
        "leaf.period.start": "Time of the visit",
        "leaf.date": "Date",
        "day.title": "The day's count",
        "day.date": "Date",
        "day.facility": "Facility",
        "day.person": "Printed by",
        "day.device": "This device",
        "day.number": "Last number",
        "day.hash": "Chain hash",
        "day.author": "Author",
        "day.written": "Written",
        "day.server": "On the server",
        "day.waiting": "Waiting",
        "day.refused": "Refused",
        "day.withdrawn": "Withdrawn",
        "day.here": "This device",
        "day.elsewhere": "Device {device}",
        "day.total": "Total",
        "day.none": "Nothing was written on this day.",
        "day.checking": "Checking… {done}",
        "day.agree": "They agree: count and chain hash are the server's.",
        "day.unsent": (
            "{count} entries have not reached the server; what was sent agrees. Send them, then"
            " check again."
        ),
        "day.unsent.one": (
            "1 entry has not reached the server; what was sent agrees. Send it, then check again."
        ),
        "day.differ": (
            "This does NOT agree with the server. Delete nothing from this device; keep or print"
            " this page, and call your admin."
        ),
        "day.differ_number": "The server does not know this device's chain up to no. {number}.",
        "day.differ_count": "On the device {here}, on the server {there}.",
        "day.broken": "The chain on this device is broken at no. {number}.",
        "day.chain": "The chain on this device is whole: no. {first}–{last}.",
        "day.since": (
            "This device keeps its entries from no. {number} on; the count is not complete."
        ),
        "day.offline": "Not compared with the server: no connection.",
        "day.last": "Last compared {when}: {verdict}",
        "day.was_agree": "agreed",
        "day.was_unsent": "some was not sent",
        "day.was_differ": "did not agree",
        "day.check": "Check again",
        "day.print": "Print",
        "day.sign": "Signature",
    },
}
