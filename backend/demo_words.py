"""Words for made-up Indonesian patients: names as several peoples of Indonesia give them, places.

Common given and family names, put together at random: whoever bears such a name is not meant.
The sub-district, its villages and its region code do not exist.
"""

from __future__ import annotations

# For each people: its share of a hundred patients, and the parts of a man's and a woman's name.
# A name takes one word of each part; "" leaves a part out, for many Javanese have one name only.
MALE = 0
FEMALE = 1

_JAVANESE_SECOND = ("", "", "", "Santoso", "Wibowo", "Prasetyo", "Nugroho", "Setiawan", "Kurniawan")
_CLANS = ("Simanjuntak", "Siregar", "Nasution", "Hutapea", "Sihombing", "Situmorang", "Ginting")
_BIRTH_ORDER = ("Wayan", "Made", "Nyoman", "Ketut")
_BALINESE = ("Suarjana", "Sudarma", "Artawan", "Suardika", "Widiana", "Astawa", "Mertha")
_BALINESE_WOMEN = ("Suartini", "Sukerti", "Ayu Lestari", "Widiasih", "Ratnadi", "Murniati")
_MINANG_CLANS = ("", "Chaniago", "Piliang", "Koto", "Tanjung", "Sikumbang")
_PAPUAN_CLANS = ("Wanimbo", "Kogoya", "Yikwa", "Wenda", "Rumbiak", "Mandacan", "Kambuaya")
_CHINESE = ("Wijaya", "Halim", "Tanoto", "Gunawan", "Susanto", "Hartono", "Lim", "Tjandra")

_JAVANESE_FIRST = (
    *("Sutrisno", "Suparman", "Ngadimin", "Bambang", "Slamet", "Joko", "Agus", "Wahyu"),
    *("Paijo", "Sugeng", "Eko", "Dwi", "Tri", "Hadi", "Rudi", "Supriyadi"),
)
_JAVANESE_WOMEN = (
    *("Sumiyati", "Ngatinem", "Suparti", "Sri", "Endang", "Wahyuni", "Tutik", "Dewi"),
    *("Lestari", "Rahayu", "Partini", "Yuni", "Siti", "Kartini", "Ratna", "Mulyani"),
)

PEOPLES: tuple[tuple[str, int, tuple[tuple[tuple[str, ...], ...], ...]], ...] = (
    (
        "Javanese",
        36,
        (
            (_JAVANESE_FIRST, _JAVANESE_SECOND),
            (
                _JAVANESE_WOMEN,
                ("", "", "", "Wulandari", "Handayani", "Rahayu", "Astuti", "Lestari", "Utami"),
            ),
        ),
    ),
    (
        "Sundanese",
        24,
        (
            (
                ("Asep", "Cecep", "Dadang", "Ujang", "Iwan", "Deden", "Encep", "Aep", "Yayan"),
                ("Sunandar", "Hidayat", "Suryana", "Permana", "Kosasih", "Rukmana", "Saepudin"),
            ),
            (
                ("Euis", "Neneng", "Iis", "Ai", "Cucu", "Imas", "Lilis", "Teti", "Entin"),
                ("Nurhayati", "Komariah", "Rohaeti", "Suryani", "Kurniasih", "Sumarni", ""),
            ),
        ),
    ),
    (
        "Muslim, of any people",
        12,
        (
            (
                ("Muhammad", "Ahmad", "Abdul", "Nur"),
                ("Rizki", "Fauzan", "Hakim", "Ilham", "Rafa", "Rahman", "Fadli", "Hidayatullah"),
            ),
            (
                ("Siti", "Nur", "Aisyah", "Nurul", "Khadijah"),
                ("Aminah", "Fatimah", "Azizah", "Zahra", "Maryam", "Hasanah", "Putri", ""),
            ),
        ),
    ),
    (
        "Batak",
        6,
        (
            (("Togar", "Parlindungan", "Binsar", "Hotman", "Jonggi", "Saut"), _CLANS),
            (("Rosmauli", "Tiurma", "Duma", "Lasmaria", "Hotmaida", "Risma"), _CLANS),
        ),
    ),
    (
        "Minangkabau",
        6,
        (
            (("Yusrizal", "Zulkifli", "Syafril", "Afrizal", "Khairul", "Hendri"), _MINANG_CLANS),
            (("Yusnidar", "Rahmi", "Asnimar", "Desmawati", "Fitri", "Marlina"), _MINANG_CLANS),
        ),
    ),
    (
        "Balinese",
        5,
        (
            (("I",), _BIRTH_ORDER, _BALINESE),
            (("Ni",), ("Luh", *_BIRTH_ORDER), _BALINESE_WOMEN),
        ),
    ),
    (
        "Bugis",
        4,
        (
            (
                ("Andi", "Baso", "La", "Daeng"),
                ("Mappanyukki", "Tenri", "Pallawa", "Rusdi", "Sessu", "Makkulau"),
            ),
            (
                ("Andi", "Besse", "I", "Indo"),
                ("Tenriawaru", "Rosdiana", "Batari", "Nurhaedah", "Hasnawati"),
            ),
        ),
    ),
    (
        "Papuan",
        4,
        (
            (("Yohanes", "Markus", "Benyamin", "Yulianus", "Elias"), _PAPUAN_CLANS),
            (("Yosefina", "Maria", "Dorkas", "Yuliana", "Orpa"), _PAPUAN_CLANS),
        ),
    ),
    (
        "Chinese Indonesian",
        3,
        (
            (("Budi", "Hendra", "Kevin", "Stefanus", "Swie Kiat"), _CHINESE),
            (("Mei Ling", "Lina", "Silvia", "Jessica", "Siu Lan"), _CHINESE),
        ),
    ),
)

# What parents of any people have called their children of late.
MODERN = (
    (
        ("Rafa", "Arka", "Kenzo", "Rizky", "Daffa", "Alvaro", "Gibran", "Zidan", "Bayu"),
        ("Pratama", "Al Fatih", "Ramadhan", "Saputra", "Maulana", "Aditya", ""),
    ),
    (
        ("Alya", "Kirana", "Naura", "Keisha", "Zahra", "Aurel", "Nabila", "Salsabila", "Intan"),
        ("Putri", "Azzahra", "Permata", "Maharani", "Khairunnisa", "Larasati", ""),
    ),
)
MODERN_SHARE = 0.6
MODERN_AGE_MAX = 18

# In West Java, regency 99 and below it are not assigned: no such number is anyone's.
REGION_CODE = "3299"
PROVINCE = "Jawa Barat"
REGENCY = "Kabupaten Rejosari"
SUB_DISTRICT = "Kecamatan Sukamelati"
VILLAGES = ("Melati", "Kenanga", "Cempaka", "Flamboyan", "Sukamaju", "Mekarjaya", "Tirtasari")
STREETS = ("Jl. Anggrek", "Jl. Merdeka", "Jl. Pasar Baru", "Gg. Mushola", "Kp. Babakan", "Dusun II")
ALLERGIES = (
    ("Amoksisilin", "medication", "high", "Ruam kemerahan di seluruh badan"),
    ("Penisilin", "medication", "high", "Sesak napas setelah suntikan"),
    ("Kotrimoksazol", "medication", "high", "Bengkak pada bibir"),
    ("Ibuprofen", "medication", "low", "Gatal dan biduran"),
    ("Udang", "food", "low", "Biduran"),
    ("Kacang tanah", "food", "high", "Bengkak pada wajah"),
    ("Debu rumah", "environment", "low", "Bersin dan hidung berair"),
)
