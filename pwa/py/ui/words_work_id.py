"""Words of the way to the server, of what was refused or differs, and of edits, in Indonesian."""

from __future__ import annotations

WORK = {
    "state.saved": "Tersimpan di perangkat ini",
    "state.sent": "Dikirim · menunggu jawaban server",
    "state.server": "Di server",
    "state.server_number": "Di server · no. {number}",
    "state.attention": "Perlu perhatian",
    "state.withdrawn": "Ditarik · hilang saat sinkronisasi berikutnya",
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
    "sync.revoked": "Perangkat dicabut",
    "sync.app_old": "Perlu pembaruan aplikasi",
    "sync.server_old": "Server perlu diperbarui",
    "sync.syncing_sent": "Dikirim, menunggu jawaban…",
    "sync_short.unknown": "Memeriksa…",
    "sync_short.synced": "Di server",
    "sync_short.syncing_none": "Sinkron…",
    "sync_short.offline": "Luring · {count}",
    "sync_short.signed_out": "Masuk lagi",
    "sync_short.attention": "{count} perlu dicek",
    "sync_short.attention_none": "Perhatian",
    "sync_short.first": "Mengunduh…",
    "sync_short.first_progress": "{done}/{total}",
    "sync_short.syncing_sent": "Mengirim…",
    "status.of_facility": "{held} dari {total} pasien di fasilitas ini",
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
    "status.sent": "Sudah dikirim, belum dijawab server",
    "status.device_name": "Nama perangkat ini",
    "refused.forbidden": "Penulisnya bukan (atau bukan lagi) anggota fasilitas ini.",
    "refused.not-found": "Pasien ini tidak dikenal di fasilitas ini.",
    "refused.conflict": "Nomor atau pasiennya tidak cocok dengan yang ada di server.",
    "refused.business-rule": "Isinya tidak sesuai dengan aturan rekam medis.",
    "refused.invalid": "Ada isian yang tidak benar.",
    "refused.other": "Server tidak dapat menerima isinya.",
    "refused.title": "Ditolak server",
    "refused.open": "Lihat dan selesaikan ({count})",
    "refused.incomplete": "Menunggu data lain yang juga ditolak.",
    "refused.deleted": "Sudah ditarik, atau dibuat di atas data yang sudah ditarik.",
    "refused.waits": "Menunggu no. {number}: ikut dikirim atau ditarik bersamanya.",
    "refused.mend": "Perbaiki",
    "refused.save": "Simpan perbaikan",
    "refused.mended": "Perbaikan tersimpan dan akan dikirim",
    "refused.contents": "Isi",
    "refused.others": "Isian lain",
    "refused.not_understood": "Isian ini tidak dikenal aplikasi versi ini.",
    "refused.withdraw": "Tarik",
    "refused.reason": "Alasan ditarik",
    "refused.ask_title": "Tarik data ini?",
    "refused.ask_one": "Data ini tidak akan masuk ke rekam medis. Alasannya dicatat di server.",
    "refused.ask": (
        "Data ini dan {count} data lain yang dibuat di atasnya tidak akan masuk ke rekam medis. "
        "Alasannya dicatat di server."
    ),
    "refused.ask_patient": (
        "Pasien ini belum ada di server. Seluruh rekam medisnya di perangkat ini ikut hilang: data "
        "pasien dan {count} data lain. Alasannya dicatat di server."
    ),
    "refused.withdrawn": "{count} data ditarik.",
    "refused.undone": "Dikembalikan",
    "refused.too_late": "Server sudah diberi tahu; tidak bisa dibatalkan lagi",
    "event.title": "Yang terjadi pada data perangkat ini",
    "event.read": "Sudah saya baca",
    "event.restored": "Server dipulihkan dari cadangan.",
    "event.restored_from": "Server dipulihkan dari cadangan yang berisi data sampai {when}.",
    "event.again": "{count} catatan perangkat ini dikirim ulang.",
    "event.gone": (
        "{count} catatan tidak dapat dikirim ulang lagi: terlalu lama untuk masih tersimpan di "
        "perangkat ini. Beri tahu admin Anda."
    ),
    "event.doubted": (
        "Hingga {count} catatan lama mungkin tidak ada lagi di server: terlalu lama untuk masih "
        "tersimpan di perangkat ini. Beri tahu admin Anda."
    ),
    "event.nothing_missing": "Tidak ada catatan perangkat ini yang hilang.",
    "event.forked": (
        "Perangkat ini adalah salinan perangkat lain, atau dipulihkan dari cadangan lama, dan "
        "keduanya dipakai mencatat. {count} catatan dari perangkat ini disisihkan: server "
        "menyimpannya, tetapi belum masuk rekam medis."
    ),
    "event.bar": "Ada kabar tentang data perangkat ini",
    "event.open": "Lihat",
    "aside.title": "Disisihkan",
    "aside.hint": (
        "{count} catatan ini tersimpan di server, tetapi tidak ada di rekam medis. Kirim lagi "
        "hanya yang belum dicatat di perangkat lain."
    ),
    "aside.elsewhere": "Pasien tidak ada di perangkat ini",
    "aside.again": "Kirim sebagai catatan baru",
    "aside.leave": "Biarkan disisihkan",
    "aside.leave_body": (
        "Catatan ini hilang dari daftar di perangkat. Server menyimpannya bersama alasan Anda, dan "
        "admin masih dapat memasukkannya ke rekam medis."
    ),
    "aside.open_first": "Buka dulu rekam medis pasien: belum ada di perangkat ini.",
    "aside.patient_first": "Kirim dulu data pasiennya.",
    "aside.reason": "Alasan dibiarkan disisihkan",
    "aside.left": "Catatan dibiarkan disisihkan.",
    "drift.ahead": (
        "Jam perangkat ini {span} lebih cepat daripada jam server. Perbaiki di pengaturan "
        "perangkat; pencatatan tetap berjalan."
    ),
    "drift.behind": (
        "Jam perangkat ini {span} lebih lambat daripada jam server. Perbaiki di pengaturan "
        "perangkat; pencatatan tetap berjalan."
    ),
    "quota.bar": "Penyimpanan perangkat hampir penuh: {share} % terpakai",
    "quota.hint": (
        "Hapus foto atau aplikasi lain dari perangkat. Catatan yang belum terkirim tetap aman."
    ),
    "rescue.title": "Berkas penyelamat",
    "rescue.hint": (
        "Berisi semua catatan di perangkat ini yang belum masuk rekam medis di server, "
        "terenkripsi. Perangkat lain di fasilitas ini, atau admin, dapat membacanya ke server."
    ),
    "rescue.write": "Simpan berkas penyelamat",
    "rescue.written": (
        "Berkas disimpan: {count} catatan. Catatan itu juga tetap ada di perangkat ini."
    ),
    "rescue.nothing": "Tidak ada yang perlu diselamatkan: semuanya sudah di server.",
    "rescue.read": "Baca berkas dari perangkat lain",
    "rescue.read_hint": "Membacanya dua kali tidak menggandakan apa pun.",
    "rescue.reading": "Sedang membaca…",
    "rescue.too_large": "Berkas ini terlalu besar.",
    "rescue.failed": "Berkas tidak dapat dibaca.",
    "rescue.done": "{read} catatan dibaca: {new} baru, {known} sudah ada.",
    "rescue.refused": "{count} ditolak server; tetap tersimpan.",
    "rescue.set_aside": "{count} disisihkan di server.",
    "rescue.from": "Dari {device}:",
    "version.app_old": (
        "Server sudah memakai versi yang lebih baru. Muat ulang halaman untuk memperbarui "
        "aplikasi. Pencatatan tetap berjalan, dan semua catatan tersimpan di perangkat sampai "
        "dapat dikirim."
    ),
    "version.server_old": (
        "Aplikasi di perangkat ini lebih baru daripada server. Beri tahu admin Anda agar server "
        "diperbarui. Pencatatan tetap berjalan, dan semua catatan tersimpan di perangkat sampai "
        "dapat dikirim."
    ),
    "conflict.title": "Dicatat berbeda",
    "conflict.title_of": "Dicatat berbeda: {text}",
    "conflict.link": "Tinjau dan putuskan",
    "conflict.badge": "{count} berbeda",
    "conflict.badge_label": "{count} isian berbeda menunggu keputusan",
    "review.title": "Isian yang berbeda",
    "review.hint": (
        "Dua orang mengisi hal yang sama tanpa melihat isian satu sama lain. Semua isian disimpan "
        "sampai ada yang memutuskan."
    ),
    "review.none": "Tidak ada isian yang menunggu keputusan.",
    "review.none_hint": (
        "Bila dua perangkat mencatat hal yang sama secara berbeda, isiannya muncul di sini."
    ),
    "review.none_here": "Tidak ada isian berbeda pada pasien ini.",
    "review.all": "Semua pasien dengan isian berbeda",
    "review.use": "Gunakan isian ini",
    "review.leave": "Putuskan nanti",
    "review.union": "Gabungkan semua isian",
    "review.split": "Pertahankan semua, masing-masing sebagai catatan sendiri",
    "review.write": "Tulis isian lain",
    "review.write_label": "Isian lain untuk {field}",
    "review.pick": "Pilih…",
    "review.reason": "Alasan keputusan",
    "review.reason_hint": "Tersimpan dalam jejak perubahan bersama nama Anda.",
    "review.save": "Simpan keputusan",
    "review.saved": "Keputusan tersimpan di perangkat ini.",
    "review.undo": "Batalkan keputusan",
    "review.undo_reason": "Alasan pembatalan",
    "review.undo_said": "Keputusan dibatalkan: {reason}",
    "review.undo_at_once": "Keputusan dibatalkan segera setelah disimpan",
    "review.undone": "Keputusan dibatalkan. Semua isian terbuka lagi.",
    "review.not_undone": (
        "Catatan ini sudah diubah sesudahnya, jadi keputusan tidak dapat dibatalkan."
    ),
    "review.decisions": "Keputusan sebelumnya",
    "review.decided": "{field}: {to}",
    "review.instead_of": "dari {text}",
    "review.why": "Alasan: {text}",
    "review.saw": "Saat mengisi terlihat: {text}",
    "review.saw_nothing": "Isian pertama",
    "review.changed": (
        "Catatan ini berubah selagi Anda meninjau. Yang tampil adalah isian sebelumnya."
    ),
    "review.show_now": "Tampilkan yang terbaru",
    "review.choose_first": "Pilih isian yang benar terlebih dahulu.",
    "review.status_too": "Putuskan juga statusnya: hasil pemeriksaan tidak diubah tanpa status.",
    "review.gone": "Catatan ini tidak ada lagi di perangkat ini.",
    "review.person": "Data pasien",
    "review.draft_stale": "Isian yang berbeda sudah berubah sejak draf ini: pilih lagi.",
    "history.title": "Jejak perubahan",
    "history.link": "Perubahan",
    "history.entries": "Perubahan catatan kunjungan ini",
    "history.loading": "Mengambil jejak perubahan dari server…",
    "history.whole": "Semua versi yang ada di server ditampilkan.",
    "history.partial": (
        "Tanpa jaringan, yang tampil hanya yang diketahui perangkat ini. Perubahan yang lebih lama "
        "memerlukan jaringan."
    ),
    "history.created": "Dibuat",
    "history.edited": "Diubah",
    "history.device_clock": "Jam perangkat",
    "history.server_clock": "Diterima server",
    "history.where": "Perangkat",
    "history.number": "{when} · no. {number}",
    "history.drift": "jam perangkat selisih {text} dari server",
    "history.pushed": "Dikirim oleh {name}",
    "history.waiting": "Belum sampai di server",
    "history.refused": "Ditolak server",
    "history.known": "Dari catatan di perangkat ini",
    "history.more_fields": "{count} isian",
    "fate.current": "berlaku",
    "fate.open": "berbeda, belum diputuskan",
    "fate.replaced": "sudah diganti",
    "fate.superseded": "tidak dipakai: isian yang lebih baru sudah ada",
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
        "Catatan ini diubah orang lain sejak Anda membukanya. Bila Anda menyimpan, isian Anda dan "
        "isian itu sama-sama disimpan untuk ditinjau."
    ),
    "judgement.error": "Salah catat?",
    "judgement.error_hint": (
        "Untuk catatan yang tidak seharusnya ada, misalnya salah pasien. Catatan ini tidak lagi "
        "tampil di rekam medis, tetapi tetap ada dalam jejak perubahan bersama penulisnya."
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
    "day.title": "Hitungan harian",
    "day.date": "Tanggal",
    "day.facility": "Fasilitas",
    "day.person": "Dicetak oleh",
    "day.device": "Perangkat ini",
    "day.number": "Nomor terakhir",
    "day.hash": "Sidik rantai",
    "day.hash_none": "belum ada: belum ada yang ditulis di perangkat ini",
    "day.author": "Penulis",
    "day.colleague": "Rekan (nama tampil saat terhubung)",
    "day.written": "Ditulis",
    "day.server": "Di server",
    "day.waiting": "Menunggu",
    "day.refused": "Ditolak",
    "day.withdrawn": "Ditarik",
    "day.total": "Jumlah",
    "day.none": "Belum ada yang ditulis pada tanggal ini.",
    "day.checking": "Memeriksa… {done}",
    "day.agree": "Cocok: jumlah dan isi data sama dengan di server.",
    "day.unsent": (
        "{count} data belum dipastikan ada di server; selebihnya cocok. Kirim dulu, lalu periksa "
        "lagi."
    ),
    "day.differ": (
        "TIDAK COCOK dengan server. Jangan hapus apa pun dari perangkat ini; simpan atau cetak "
        "halaman ini, dan hubungi admin."
    ),
    "day.differ_number": "Server tidak mengenal rantai perangkat ini sampai no. {number}.",
    "day.differ_count": "Di perangkat {here}, di server {there}.",
    "day.broken": "Rantai di perangkat ini terputus di no. {number}.",
    "day.chain": "Rantai di perangkat ini utuh: no. {first}–{last}.",
    "day.since": "Perangkat ini masih menyimpan data sejak no. {number}; hitungan tidak utuh.",
    "day.sent": "{count} data sudah dikirim; server belum menjawab.",
    "day.offline": "Belum dibandingkan dengan server: tidak terhubung.",
    "day.last": "Terakhir dibandingkan {when}: {verdict}",
    "day.was_agree": "cocok",
    "day.was_unsent": "ada yang belum terkirim",
    "day.was_differ": "tidak cocok",
    "day.check": "Periksa lagi",
    "day.print": "Cetak",
    "day.sign": "Tanda tangan",
}
