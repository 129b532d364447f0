"""The pages' words in Indonesian. The same keys as `words_en`; a test compares them."""

from __future__ import annotations

from pwa.py.ui.words_review_id import REVIEW

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
        "{count} data belum sampai di server. Data itu tetap aman dan terkunci di perangkat "
        "ini, dan dikirim setelah seseorang masuk lagi di perangkat ini."
    ),
    "sign_out.confirm": "Tetap keluar",
    "state.saved": "Tersimpan di perangkat ini",
    "state.sent": "Dikirim · menunggu jawaban server",
    "state.server": "Di server",
    "state.server_number": "Di server · no. {number}",
    "state.attention": "Perlu perhatian",
    "sync.unknown": "Belum tersambung",
    "sync.synced": "Semua di server",
    "sync.syncing": "Mengirim…",
    "sync.syncing_none": "Menyinkronkan…",
    "sync.waiting": "{count} menunggu",
    "sync.offline": "Luring · {count} menunggu",
    "sync.offline_none": "Luring",
    "sync.signed_out": "Perlu masuk lagi",
    "sync.attention": "{count} perlu perhatian",
    "sync.attention_none": "Perlu perhatian",
    "sync.first": "Mengunduh data pertama…",
    "sync.first_progress": "Mengunduh {done}/{total}",
    "sync_short.unknown": "Memeriksa…",
    "sync_short.synced": "Di server",
    "sync_short.syncing_none": "Sinkron…",
    "sync_short.offline": "Luring · {count}",
    "sync_short.signed_out": "Masuk lagi",
    "sync_short.attention": "{count} ditolak",
    "sync_short.attention_none": "Perhatian",
    "sync_short.first": "Mengunduh…",
    "sync_short.first_progress": "{done}/{total}",
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
        "Pengguna ini belum pernah masuk di perangkat ini. Untuk pertama kali diperlukan "
        "jaringan ke server."
    ),
    "unlock.too_many": "Terlalu banyak percobaan. Tunggu beberapa menit, lalu coba lagi.",
    "unlock.other_facility": "Perangkat ini milik fasilitas lain.",
    "unlock.again_title": "Masuk lagi ke server",
    "unlock.again_body": (
        "Sesi di server sudah berakhir. Anda tetap dapat bekerja; data dikirim setelah Anda "
        "masuk lagi."
    ),
    "unlock.again_wrong": (
        "Kata sandi salah, atau akun ini dinonaktifkan. Hubungi admin; data tetap terkirim "
        "saat rekan masuk di perangkat ini."
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
        "Belum ada di perangkat ini. Rekam medis yang dipilih diambil dari server, lalu "
        "disimpan di sini."
    ),
    "lookup.none": "Tidak ada pasien yang cocok dengan “{text}” di seluruh fasilitas.",
    "lookup.all_here": "Tidak ada yang lain di fasilitas ini.",
    "lookup.more": "Masih ada yang lain. Ketik lebih lengkap untuk mempersempit.",
    "lookup.gone": "Pasien ini sudah tidak ada di server.",
    "lookup.again": "Coba lagi",
    "status.of_facility": "{held} dari {total} pasien di fasilitas ini",
    "chart.fetch": "Ambil dari server",
    "gender.male": "Laki-laki",
    "gender.female": "Perempuan",
    "gender.other": "Lainnya",
    "gender.unknown": "Tidak diketahui",
    "gender.": "–",
    "register.title": "Daftarkan pasien",
    "register.person": "Identitas",
    "register.numbers": "Nomor",
    "register.contact": "Kontak",
    "register.name": "Nama lengkap",
    "register.birthDate": "Tanggal lahir",
    "register.age_only": "Tanggal lahir pasti tidak diketahui",
    "register.age": "Perkiraan umur",
    "register.age_unit": "Satuan umur",
    "age.years": "tahun",
    "age.months": "bulan",
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
    "class.AMB": "Rawat jalan",
    "class.IMP": "Rawat inap",
    "class.EMER": "Gawat darurat",
    "class.HH": "Kunjungan rumah",
    "class.VR": "Telekonsultasi",
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
    "status.title": "Sinkronisasi",
    "status.now": "Kirim sekarang",
    "status.last": "Terakhir berhasil {ago}",
    "status.never": "Belum pernah berhasil",
    "status.waiting": "Menunggu dikirim",
    "status.blocked": (
        "Server tidak mengizinkan perangkat atau akun ini. Masuk lagi, atau hubungi admin."
    ),
    "status.refused": "Perlu perhatian",
    "status.refused_none": "Tidak ada yang ditolak server.",
    "status.refused_hint": "Server tidak menerima data ini. Data tetap ada di perangkat ini.",
    "refused.forbidden": "Penulisnya bukan (atau bukan lagi) anggota fasilitas ini.",
    "refused.not-found": "Pasien ini tidak dikenal di fasilitas ini.",
    "refused.conflict": "Nomor atau pasiennya tidak cocok dengan yang ada di server.",
    "refused.business-rule": "Isinya tidak sesuai dengan aturan rekam medis.",
    "refused.invalid": "Ada isian yang tidak benar.",
    "refused.other": "Server tidak dapat menerima isinya.",
    "kind.Patient": "Data pasien",
    "kind.Encounter": "Kunjungan",
    "kind.Observation": "Hasil pengukuran",
    "kind.Condition": "Diagnosis",
    "kind.DocumentReference": "Catatan",
    "kind.AllergyIntolerance": "Alergi",
    "kind.MedicationRequest": "Obat",
    "kind.other": "Data lain",
    "status.again": "Kirim lagi",
    "status.again_all": "Kirim lagi semua",
    "status.again_done": "Dikirim lagi",
    "status.open_chart": "Buka rekam medis",
    "status.device": "Perangkat",
    "status.device_id": "Nomor perangkat",
    "status.user": "Pengguna",
    "status.patients": "Pasien di perangkat ini",
    "status.storage": "Penyimpanan tetap",
    "status.persisted": "Ya – peramban tidak akan menghapusnya sendiri",
    "status.not_persisted": (
        "Belum dijamin – peramban dapat menghapusnya bila ruang habis. Pasang Rekam sebagai "
        "aplikasi."
    ),
    "status.used": "Ruang terpakai",
    "status.used_of": "{used} dari {quota}",
    "error.title": "Terjadi kesalahan",
    "error.unknown": "Isian Anda tidak hilang. Coba lagi; bila terulang, muat ulang halaman.",
    "error.storage": (
        "Penyimpanan perangkat penuh. Data ini BELUM tersimpan. Kosongkan ruang di perangkat,"
        " lalu coba lagi."
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
    "event.title": "Yang terjadi pada data tablet ini",
    "event.read": "Sudah saya baca",
    "event.restored": "Server dipulihkan dari cadangan.",
    "event.restored_from": "Server dipulihkan dari cadangan yang berisi data sampai {when}.",
    "event.again": "{count} catatan tablet ini dikirim ulang.",
    "event.gone": (
        "{count} catatan tidak dapat dikirim ulang lagi: terlalu lama untuk masih "
        "tersimpan di tablet ini. Beri tahu admin Anda."
    ),
    "event.nothing_missing": "Tidak ada catatan tablet ini yang hilang.",
    "event.forked": (
        "Tablet ini adalah salinan tablet lain, atau dipulihkan dari citra lama, dan "
        "keduanya dipakai mencatat. {count} catatan dari tablet ini disisihkan: server "
        "menyimpannya, tetapi belum masuk rekam medis."
    ),
    "event.bar": "Ada kabar tentang data tablet ini",
    "event.open": "Lihat",
    "aside.title": "Disisihkan",
    "aside.hint": (
        "{count} catatan ini tersimpan di server, tetapi tidak ada di rekam medis. Kirim "
        "lagi hanya yang belum dicatat di tablet lain."
    ),
    "aside.again": "Kirim sebagai catatan baru",
    "aside.leave": "Biarkan disisihkan",
    "aside.leave_body": (
        "Catatan ini hilang dari daftar di tablet. Server menyimpannya bersama alasan Anda, "
        "dan admin masih dapat memasukkannya ke rekam medis."
    ),
    "aside.patient_first": "Kirim dulu data pasiennya.",
    "sync.revoked": "Tablet dicabut",
    "unlock.revoked": (
        "Tablet ini telah dicabut oleh fasilitas Anda. Data pasien di sini tidak dapat "
        "dibuka lagi. Semua yang belum terkirim sudah disimpan di server."
    ),
    "unlock.revoked_waiting": (
        "Tablet ini telah dicabut oleh fasilitas Anda. Data pasien di sini tidak dapat "
        "dibuka lagi. {count} catatan belum sampai di server: biarkan tablet menyala dan "
        "terhubung."
    ),
    "drift.ahead": (
        "Jam tablet ini {span} lebih cepat daripada jam server. Perbaiki di pengaturan "
        "tablet; pencatatan tetap berjalan."
    ),
    "drift.behind": (
        "Jam tablet ini {span} lebih lambat daripada jam server. Perbaiki di pengaturan "
        "tablet; pencatatan tetap berjalan."
    ),
    "quota.bar": "Penyimpanan tablet hampir penuh: {share} % terpakai",
    "quota.hint": (
        "Hapus foto atau aplikasi lain dari tablet. Catatan yang belum terkirim tetap aman."
    ),
    "rescue.title": "Berkas penyelamat",
    "rescue.hint": (
        "Berisi semua catatan di tablet ini yang belum masuk rekam medis di server, "
        "terenkripsi. Tablet lain di fasilitas ini, atau admin, dapat membacanya ke "
        "server."
    ),
    "rescue.write": "Simpan berkas penyelamat",
    "rescue.written": "Berkas disimpan: {count} catatan. Catatan itu juga tetap ada di tablet ini.",
    "rescue.nothing": "Tidak ada yang perlu diselamatkan: semuanya sudah di server.",
    "rescue.read": "Baca berkas dari tablet lain",
    "rescue.read_hint": "Membacanya dua kali tidak menggandakan apa pun.",
    "rescue.reading": "Sedang membaca…",
    "rescue.too_large": "Berkas ini terlalu besar.",
    "rescue.failed": "Berkas tidak dapat dibaca.",
    "rescue.done": "{read} catatan dibaca: {new} baru, {known} sudah ada.",
    "rescue.refused": "{count} ditolak server; tetap tersimpan.",
    "rescue.set_aside": "{count} disisihkan di server.",
    "sync.app_old": "Perlu pembaruan aplikasi",
    "sync.server_old": "Server perlu diperbarui",
    "version.app_old": (
        "Server sudah memakai versi yang lebih baru. Muat ulang halaman untuk memperbarui "
        "aplikasi. Pencatatan tetap berjalan, dan semua catatan tersimpan di tablet "
        "sampai dapat dikirim."
    ),
    "version.server_old": (
        "Aplikasi di tablet ini lebih baru daripada server. Beri tahu admin Anda agar "
        "server diperbarui. Pencatatan tetap berjalan, dan semua catatan tersimpan di "
        "tablet sampai dapat dikirim."
    ),
    "chart.unknown_kind": "Entri jenis yang belum dikenal versi ini ({type})",
}

INDONESIAN.update(REVIEW)
