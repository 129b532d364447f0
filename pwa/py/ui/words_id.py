"""The pages' words in Indonesian. The same keys as `words_en`; a test compares them.

The words of the record itself, and of how work comes to the server, stand in files of their own.
"""

from __future__ import annotations

from pwa.py.ui.words_record_id import RECORD
from pwa.py.ui.words_work_id import WORK

INDONESIAN = {
    "app.skip": "Langsung ke isi halaman",
    "app.lock": "Kunci",
    "app.sign_out": "Keluar",
    "app.language": "English",
    "app.language_label": "Ganti bahasa ke Inggris",
    "app.menu": "Menu",
    "app.patients": "Pasien",
    "app.close": "Tutup",
    "app.cancel": "Batal",
    "app.undo": "Batalkan",
    "app.new_version": "Versi baru tersedia",
    "app.reload": "Muat ulang",
    "app.optional": "opsional",
    "app.not_found": "Halaman ini tidak ada.",
    "app.not_found_title": "Halaman tidak ada",
    "leave.title": "Isian belum disimpan",
    "leave.body": (
        "Isian ini disimpan sebagai draf di perangkat ini dan muncul lagi saat Anda kembali."
    ),
    "leave.stay": "Lanjut mengisi",
    "leave.keep": "Tinggalkan, simpan draf",
    "leave.discard": "Buang isian",
    "sign_out.title": "Masih ada data yang belum terkirim",
    "sign_out.body": (
        "{count} data belum sampai di server. Data itu tetap aman dan terkunci di perangkat ini, "
        "dan dikirim setelah seseorang masuk lagi di perangkat ini."
    ),
    "sign_out.confirm": "Tetap keluar",
    "unlock.title": "Masuk",
    "unlock.title_known": "Buka kunci",
    "unlock.hint": "Pertama kali di perangkat ini diperlukan jaringan.",
    "unlock.hint_known": "Kata sandi Anda membuka data di perangkat ini, juga tanpa jaringan.",
    "unlock.username": "Nama pengguna",
    "unlock.password": "Kata sandi",
    "unlock.button": "Masuk",
    "unlock.button_known": "Buka",
    "unlock.busy": "Memeriksa kata sandi…",
    "unlock.locked": "Terkunci karena lama tidak dipakai. Isian Anda disimpan sebagai draf.",
    "unlock.draft_lost": (
        "Terkunci. Isian Anda TIDAK dapat disimpan sebagai draf: penyimpanan perangkat ini "
        "bermasalah."
    ),
    "unlock.empty": "Isi nama pengguna dan kata sandi.",
    "unlock.wrong": "Nama pengguna atau kata sandi salah.",
    "unlock.offline": (
        "Pengguna ini belum pernah masuk di perangkat ini. Untuk pertama kali diperlukan jaringan "
        "ke server."
    ),
    "unlock.too_many": "Terlalu banyak percobaan. Tunggu beberapa menit, lalu coba lagi.",
    "unlock.other_facility": "Perangkat ini milik fasilitas lain.",
    "unlock.again_title": "Masuk lagi ke server",
    "unlock.again_body": (
        "Sesi di server sudah berakhir. Anda tetap dapat bekerja; data dikirim setelah Anda masuk "
        "lagi."
    ),
    "unlock.again_wrong": (
        "Kata sandi salah, atau akun ini dinonaktifkan. Hubungi admin; data tetap terkirim saat "
        "rekan masuk di perangkat ini."
    ),
    "unlock.revoked": (
        "Perangkat ini telah dicabut oleh fasilitas Anda. Data pasien di sini tidak dapat dibuka "
        "lagi. Semua yang belum terkirim sudah disimpan di server."
    ),
    "unlock.revoked_waiting": (
        "Perangkat ini telah dicabut oleh fasilitas Anda. Data pasien di sini tidak dapat dibuka "
        "lagi. {count} catatan belum sampai di server: biarkan perangkat menyala dan terhubung."
    ),
    "patients.title": "Pasien",
    "patients.search": "Cari nama, NIK, no. BPJS, no. RM, tanggal lahir",
    "patients.search_short": "Nama, NIK, BPJS, RM, tanggal lahir",
    "patients.register": "Daftarkan pasien",
    "patients.count": "{count} pasien di perangkat ini",
    "patients.found": "{count} ditemukan",
    "patients.more": "Hanya {count} pertama yang tampil. Ketik lebih lengkap untuk mempersempit.",
    "patients.none": "Belum ada pasien di perangkat ini.",
    "patients.none_hint": "Daftarkan pasien pertama, atau tunggu data terunduh dari server.",
    "patients.not_found": "Tidak ada pasien yang cocok dengan “{text}”.",
    "patients.not_found_hint": "Periksa ejaannya, atau daftarkan sebagai pasien baru.",
    "first.progress": "Unduhan pertama: {done} dari {total} pasien",
    "first.left": "– kira-kira {minutes} menit lagi",
    "first.left_short": "– kurang dari satu menit lagi",
    "first.left_long": "– masih lama dengan jaringan ini",
    "first.usable": "Anda sudah dapat bekerja. Pasien yang berkunjung terakhir datang lebih dulu.",
    "first.waits": "Dilanjutkan dari sini begitu server terjangkau.",
    "lookup.offer": "Cari di seluruh fasilitas",
    "lookup.only_here": "Yang dicari baru pasien di perangkat ini.",
    "lookup.offline": "Luring: hanya pasien di perangkat ini yang dapat dicari.",
    "lookup.busy": "Mencari di seluruh fasilitas…",
    "lookup.busy_chart": "Mengambil rekam medis…",
    "lookup.fetching": "Mengambil rekam medis {name}…",
    "lookup.found": "{count} lagi di fasilitas ini",
    "lookup.hint": (
        "Belum ada di perangkat ini. Rekam medis yang dipilih diambil dari server, lalu disimpan "
        "di sini."
    ),
    "lookup.none": "Tidak ada pasien yang cocok dengan “{text}” di seluruh fasilitas.",
    "lookup.all_here": "Tidak ada yang lain di fasilitas ini.",
    "lookup.more": "Masih ada yang lain. Ketik lebih lengkap untuk mempersempit.",
    "lookup.gone": "Pasien ini sudah tidak ada di server.",
    "lookup.again": "Coba lagi",
    "chart.fetch": "Ambil dari server",
    "chart.record": "Catat kunjungan",
    "chart.draft": "Draf belum disimpan – lanjutkan",
    "chart.missing": "Pasien ini tidak ada di perangkat ini.",
    "chart.missing_title": "Pasien tidak ada",
    "chart.missing_hint": (
        "Mungkin belum terunduh. Kembali ke daftar pasien atau tunggu sinkronisasi."
    ),
    "chart.allergies": "Alergi",
    "chart.allergies_none": "Tidak ada alergi tercatat",
    "chart.problems": "Masalah",
    "chart.problems_none": "Belum ada masalah tercatat",
    "chart.past": "Riwayat ({count})",
    "chart.medications": "Obat aktif",
    "chart.medications_none": "Tidak ada obat aktif tercatat",
    "chart.encounters": "Kunjungan",
    "chart.encounters_count": "{shown} dari {total}",
    "chart.encounters_none": "Belum ada kunjungan tercatat.",
    "chart.more": "Tampilkan lebih banyak",
    "chart.others": "{count} pemeriksaan, tindakan, dan obat",
    "chart.loose": "{count} data di luar kunjungan",
    "chart.deceased": "Meninggal",
    "chart.born": "Lahir",
    "chart.birth_unknown": "Tanggal lahir tidak diketahui",
    "chart.since": "sejak {date}",
    "chart.no_reason": "Kunjungan",
    "chart.unnamed": "Tanpa nama",
    "chart.conflicts": "{count} data ditulis berbeda di dua perangkat; kedua nilai disimpan.",
    "chart.unusual": "di luar kisaran biasa",
    "chart.high_risk": "risiko tinggi",
    "chart.withdrawn": "Dibatalkan – salah catat",
    "chart.unknown_kind": "Entri jenis yang belum dikenal versi ini ({type})",
    "register.title": "Daftarkan pasien",
    "register.person": "Identitas",
    "register.numbers": "Nomor",
    "register.contact": "Kontak",
    "register.name": "Nama lengkap",
    "register.birthDate": "Tanggal lahir",
    "register.age_only": "Tanggal lahir pasti tidak diketahui",
    "register.age": "Perkiraan umur",
    "register.age_unit": "Satuan umur",
    "register.gender": "Jenis kelamin",
    "register.nik": "NIK",
    "register.nik_hint": "16 angka",
    "register.bpjs": "No. kartu BPJS",
    "register.bpjs_hint": "13 angka",
    "register.mrn": "No. rekam medis",
    "register.phone": "Telepon",
    "register.address": "Alamat",
    "register.village": "Desa / kelurahan",
    "register.save": "Simpan pasien",
    "register.saved": "{name} tersimpan di perangkat ini",
    "register.duplicate": "Pasien ini sudah disimpan di tab lain.",
    "register.similar": "Mungkin sudah terdaftar – periksa dahulu:",
    "age.years": "tahun",
    "age.months": "bulan",
    "visit.title": "Catat kunjungan",
    "visit.reason": "Keluhan / alasan kunjungan",
    "visit.vitals": "Tanda vital",
    "visit.note": "Catatan",
    "visit.note_hint": "Anamnesis, pemeriksaan, penilaian, rencana",
    "visit.diagnoses": "Diagnosis",
    "visit.diagnoses_search": "Cari nama atau kode ICD-10",
    "visit.diagnoses_free": "Tulis “{text}” tanpa kode",
    "visit.diagnoses_remove": "Hapus {text}",
    "visit.diagnoses_found": "{count} pilihan",
    "visit.save": "Simpan kunjungan",
    "visit.saved": "Kunjungan tersimpan di perangkat ini",
    "visit.duplicate": "Kunjungan ini sudah disimpan di tab lain.",
    "visit.bmi": "IMT {value} kg/m²",
    "visit.unusual": "Di luar kisaran biasa dewasa ({low}–{high})",
    "vital.systolic": "Sistolik",
    "vital.diastolic": "Diastolik",
    "vital.pulse": "Nadi",
    "vital.respiration": "Napas",
    "vital.temperature": "Suhu",
    "vital.saturation": "SpO₂",
    "vital.weight": "Berat badan",
    "vital.height": "Tinggi badan",
    "vital.pressure": "Tekanan darah",
    "draft.restored": "Draf Anda dipulihkan.",
    "draft.drop": "Mulai dari kosong",
    "form.issues": "{count} isian perlu diperbaiki.",
    "issue.required": "Wajib diisi.",
    "issue.too-long": "Terlalu panjang.",
    "issue.invalid": "Isian ini tidak benar.",
    "issue.nik": "NIK terdiri atas 16 angka.",
    "issue.bpjs": "Nomor BPJS terdiri atas 13 angka.",
    "issue.birthDate": "Tanggal lahir tidak benar: di masa depan, atau terlalu lama.",
    "issue.age": "Tulis umur 0–130.",
    "issue.gender": "Pilih jenis kelamin.",
    "issue.range": "Harus antara {low} dan {high}.",
    "issue.number": "Tulis angka saja.",
    "issue.pressure": "Isi sistolik dan diastolik, atau kosongkan keduanya.",
    "issue.onsetDateTime": "Tulis 2019, 2019-04, atau 17-4-2019; tidak di masa depan.",
    "issue.date": "Tulis tanggal seperti 17-5-1990 atau 1990-05-17.",
    "error.title": "Terjadi kesalahan",
    "error.unknown": "Isian Anda tidak hilang. Coba lagi; bila terulang, muat ulang halaman.",
    "error.storage": (
        "Penyimpanan perangkat penuh. Data ini BELUM tersimpan. Kosongkan ruang di perangkat, lalu "
        "coba lagi."
    ),
    "error.storage_fault": (
        "Penyimpanan peramban tidak dapat dibaca atau ditulis. Muat ulang halaman, lalu coba lagi."
    ),
    "error.outdated": "Rekam versi baru sudah dibuka di tab lain. Muat ulang halaman ini.",
    "error.stale": "Data baru saja diubah di tab lain. Coba simpan sekali lagi.",
    "error.offline": "Server tidak terjangkau. Pekerjaan Anda tetap tersimpan di perangkat ini.",
    "error.signed_out": "Sesi di server sudah berakhir. Masuk lagi di halaman Sinkronisasi.",
    "error.server": "Server sedang bermasalah. Data tetap di perangkat ini dan dikirim lagi nanti.",
    "error.refused": "Server menolak permintaan ini.",
    "error.detail": "Rincian",
}

INDONESIAN.update(RECORD)
INDONESIAN.update(WORK)
