"""What people come to a health centre for: complaints, findings, ICD-10, treatment.

One row a disease; frequent ones of Indonesian health centres. For demonstration only, and no
guide to treatment. Words are Indonesian, as a clinician there writes them.
"""

from __future__ import annotations

from typing import NamedTuple


class Disease(NamedTuple):
    code: str
    text: str
    share: int
    ages: tuple[int, int]
    reasons: tuple[str, ...]
    finding: str
    medicines: tuple[tuple[str, str], ...]
    fever: float = 0.0
    is_chronic: bool = False
    child_medicines: tuple[tuple[str, str], ...] = ()


PARACETAMOL = ("Parasetamol 500 mg tablet", "3 x sehari 1 tablet bila demam atau nyeri")
PARACETAMOL_SYRUP = ("Parasetamol sirup 120 mg/5 ml", "3 x sehari 1 sendok takar bila demam")
ORALIT = ("Oralit 200", "1 bungkus setiap kali buang air besar cair")

ACUTE = (
    Disease(
        "J06.9",
        "Infeksi saluran pernapasan atas akut",
        26,
        (0, 95),
        ("Batuk pilek sejak 3 hari", "Demam dan batuk", "Nyeri tenggorokan", "Pilek dan bersin"),
        "Faring hiperemis, suara napas vesikuler, ronki tidak ada.",
        (("Klorfeniramin maleat 4 mg tablet", "3 x sehari 1 tablet"),),
        fever=0.6,
        child_medicines=(("Ambroksol sirup 15 mg/5 ml", "2 x sehari 1/2 sendok takar"),),
    ),
    Disease(
        "A09",
        "Diare dan gastroenteritis",
        11,
        (0, 95),
        ("Buang air besar cair 4 kali sejak kemarin", "Diare dan muntah"),
        "Turgor kulit baik, bising usus meningkat, tanda dehidrasi tidak ada.",
        (ORALIT, ("Zinc 20 mg tablet", "1 x sehari 1 tablet selama 10 hari")),
        fever=0.3,
    ),
    Disease(
        "K30",
        "Dispepsia",
        10,
        (13, 95),
        ("Nyeri ulu hati", "Perut kembung dan mual", "Perih di lambung setelah makan"),
        "Nyeri tekan epigastrium, bising usus normal.",
        (("Antasida DOEN tablet kunyah", "3 x sehari 1 tablet sebelum makan"),),
    ),
    Disease(
        "K29.7",
        "Gastritis",
        7,
        (13, 95),
        ("Nyeri ulu hati dan mual", "Mual muntah setelah telat makan"),
        "Nyeri tekan epigastrium, defans muskular tidak ada.",
        (("Omeprazol 20 mg kapsul", "1 x sehari 1 kapsul sebelum makan pagi"),),
    ),
    Disease(
        "M79.1",
        "Mialgia",
        11,
        (18, 95),
        ("Pegal-pegal seluruh badan", "Nyeri pinggang setelah bekerja di sawah", "Nyeri bahu"),
        "Nyeri tekan otot, gerak sendi bebas, tanda radang tidak ada.",
        (("Natrium diklofenak 50 mg tablet", "2 x sehari 1 tablet sesudah makan"),),
    ),
    Disease(
        "L20.9",
        "Dermatitis atopik",
        6,
        (0, 60),
        ("Gatal di lipatan siku", "Ruam kemerahan dan gatal"),
        "Plak eritematosa dengan ekskoriasi di fleksura.",
        (("Hidrokortison krim 2,5%", "Oles tipis 2 x sehari"),),
    ),
    Disease(
        "R51",
        "Sakit kepala",
        7,
        (12, 95),
        ("Sakit kepala sejak 2 hari", "Pusing berdenyut"),
        "Pemeriksaan neurologis dalam batas normal, kaku kuduk tidak ada.",
        (PARACETAMOL,),
    ),
    Disease(
        "K02.9",
        "Karies gigi",
        5,
        (5, 70),
        ("Sakit gigi geraham", "Gigi berlubang dan ngilu"),
        "Karies profunda, perkusi positif.",
        (PARACETAMOL,),
        child_medicines=(PARACETAMOL_SYRUP,),
    ),
    Disease(
        "H10.9",
        "Konjungtivitis",
        3,
        (0, 95),
        ("Mata merah dan berair", "Mata merah, belekan pagi hari"),
        "Konjungtiva hiperemis, sekret mukopurulen, visus baik.",
        (("Kloramfenikol tetes mata 0,5%", "4 x sehari 1 tetes"),),
    ),
    Disease(
        "J45.9",
        "Asma",
        4,
        (4, 80),
        ("Sesak napas dan mengi", "Sesak kambuh malam hari"),
        "Wheezing di kedua lapang paru, retraksi minimal.",
        (("Salbutamol 2 mg tablet", "3 x sehari 1 tablet bila sesak"),),
        child_medicines=(("Salbutamol sirup 2 mg/5 ml", "3 x sehari 1/2 sendok takar"),),
    ),
    Disease(
        "N39.0",
        "Infeksi saluran kemih",
        3,
        (15, 95),
        ("Nyeri saat buang air kecil", "Anyang-anyangan sejak 2 hari"),
        "Nyeri tekan suprapubik, nyeri ketok sudut kostovertebra tidak ada.",
        (("Siprofloksasin 500 mg tablet", "2 x sehari 1 tablet selama 5 hari"),),
        fever=0.3,
    ),
)

CHRONIC = (
    Disease(
        "I10",
        "Hipertensi esensial",
        30,
        (40, 95),
        ("Kontrol tekanan darah, obat habis", "Kontrol hipertensi", "Pusing, kontrol tensi"),
        "Bunyi jantung I-II reguler, edema tungkai tidak ada.",
        (("Amlodipin 5 mg tablet", "1 x sehari 1 tablet malam"),),
        is_chronic=True,
    ),
    Disease(
        "E11.9",
        "Diabetes melitus tipe 2",
        14,
        (40, 95),
        ("Kontrol gula darah", "Obat diabetes habis", "Sering haus dan sering kencing"),
        "Pulsasi arteri dorsalis pedis teraba, luka kaki tidak ada.",
        (("Metformin 500 mg tablet", "2 x sehari 1 tablet sesudah makan"),),
        is_chronic=True,
    ),
    Disease(
        "A15.0",
        "Tuberkulosis paru",
        2,
        (15, 80),
        ("Kontrol pengobatan TB, ambil obat", "Batuk lebih dari 2 minggu, berat badan turun"),
        "Ronki di apeks paru kanan.",
        (("OAT KDT kategori 1 (4KDT)", "1 x sehari 3 tablet saat perut kosong"),),
        is_chronic=True,
    ),
)

# Age in days, name, CVX code: the national schedule for small children.
VACCINES = (
    (0, "Hepatitis B (HB-0)", "08"),
    (30, "BCG", "19"),
    (30, "Polio oral (bOPV) 1", "02"),
    (61, "DPT-HB-Hib 1", "102"),
    (61, "PCV 1", "133"),
    (91, "DPT-HB-Hib 2", "102"),
    (91, "PCV 2", "133"),
    (122, "DPT-HB-Hib 3", "102"),
    (122, "Polio suntik (IPV) 1", "10"),
    (274, "Campak-rubela (MR) 1", "04"),
    (548, "DPT-HB-Hib lanjutan", "102"),
    (548, "Campak-rubela (MR) lanjutan", "04"),
)
