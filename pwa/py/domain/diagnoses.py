"""Diagnoses frequent in Indonesian primary care: ICD-10 code, Indonesian and English name.

The names are short clinical wordings of our own; the codes are WHO's ICD-10, used at their
three or four characters. What is not listed can be written in one's own words.
"""

from __future__ import annotations

from pwa.py.domain.directory import fold

OPTIONS_MAX = 20

LIST = (
    ("A01.0", "Demam tifoid", "Typhoid fever"),
    ("A06.0", "Disentri amuba akut", "Acute amoebic dysentery"),
    ("A09", "Diare akut / gastroenteritis", "Acute diarrhoea / gastroenteritis"),
    ("A15.0", "Tuberkulosis paru, BTA positif", "Pulmonary tuberculosis, smear positive"),
    ("A16.2", "Tuberkulosis paru, klinis", "Pulmonary tuberculosis, clinical"),
    ("A30.9", "Kusta", "Leprosy"),
    ("A35", "Tetanus", "Tetanus"),
    ("A36.9", "Difteri", "Diphtheria"),
    ("A37.9", "Batuk rejan (pertusis)", "Whooping cough (pertussis)"),
    ("A53.9", "Sifilis", "Syphilis"),
    ("A54.9", "Gonore", "Gonorrhoea"),
    ("A82.9", "Rabies", "Rabies"),
    ("A90", "Demam dengue", "Dengue fever"),
    ("A91", "Demam berdarah dengue", "Dengue haemorrhagic fever"),
    ("A92.0", "Chikungunya", "Chikungunya"),
    ("B00.9", "Herpes simpleks", "Herpes simplex"),
    ("B01.9", "Cacar air (varisela)", "Chickenpox (varicella)"),
    ("B02.9", "Herpes zoster", "Shingles (herpes zoster)"),
    ("B05.9", "Campak", "Measles"),
    ("B15.9", "Hepatitis A akut", "Acute hepatitis A"),
    ("B16.9", "Hepatitis B akut", "Acute hepatitis B"),
    ("B20", "Penyakit HIV dengan infeksi", "HIV disease with infection"),
    ("B26.9", "Gondongan (parotitis)", "Mumps"),
    ("B35.4", "Kurap badan (tinea korporis)", "Ringworm of the body (tinea corporis)"),
    ("B35.3", "Kutu air (tinea pedis)", "Athlete's foot (tinea pedis)"),
    ("B36.0", "Panu (pitiriasis versikolor)", "Pityriasis versicolor"),
    ("B37.3", "Kandidiasis vagina", "Vaginal candidiasis"),
    ("B50.9", "Malaria falsiparum", "Falciparum malaria"),
    ("B51.9", "Malaria vivaks", "Vivax malaria"),
    ("B74.9", "Filariasis", "Filariasis"),
    ("B76.9", "Infeksi cacing tambang", "Hookworm disease"),
    ("B77.9", "Askariasis (cacing gelang)", "Ascariasis (roundworm)"),
    ("B82.9", "Kecacingan", "Intestinal worms"),
    ("B85.0", "Kutu kepala", "Head lice"),
    ("B86", "Skabies", "Scabies"),
    ("C50.9", "Kanker payudara", "Breast cancer"),
    ("C53.9", "Kanker serviks", "Cervical cancer"),
    ("D50.9", "Anemia defisiensi besi", "Iron deficiency anaemia"),
    ("D64.9", "Anemia", "Anaemia"),
    ("E04.9", "Struma non-toksik", "Non-toxic goitre"),
    ("E05.9", "Hipertiroid", "Hyperthyroidism"),
    ("E10.9", "Diabetes melitus tipe 1", "Type 1 diabetes mellitus"),
    ("E11.9", "Diabetes melitus tipe 2", "Type 2 diabetes mellitus"),
    ("E11.5", "Kaki diabetik", "Diabetic foot"),
    ("E16.2", "Hipoglikemia", "Hypoglycaemia"),
    ("E43", "Gizi buruk", "Severe malnutrition"),
    ("E44.0", "Gizi kurang", "Moderate malnutrition"),
    ("E45", "Perawakan pendek karena kurang gizi (stunting)", "Stunting from malnutrition"),
    ("E66.9", "Obesitas", "Obesity"),
    ("E78.5", "Dislipidemia", "Dyslipidaemia"),
    ("E79.0", "Hiperurisemia", "Hyperuricaemia"),
    ("E86", "Dehidrasi", "Dehydration"),
    ("F20.9", "Skizofrenia", "Schizophrenia"),
    ("F32.9", "Depresi", "Depression"),
    ("F41.9", "Gangguan cemas", "Anxiety disorder"),
    ("F51.0", "Insomnia", "Insomnia"),
    ("G40.9", "Epilepsi", "Epilepsy"),
    ("G43.9", "Migrain", "Migraine"),
    ("G44.2", "Nyeri kepala tipe tegang", "Tension headache"),
    ("G51.0", "Bell's palsy", "Bell's palsy"),
    ("G62.9", "Neuropati perifer", "Peripheral neuropathy"),
    ("H00.0", "Bintitan (hordeolum)", "Stye (hordeolum)"),
    ("H10.9", "Konjungtivitis", "Conjunctivitis"),
    ("H11.0", "Pterigium", "Pterygium"),
    ("H25.9", "Katarak senilis", "Senile cataract"),
    ("H52.1", "Miopia", "Myopia"),
    ("H52.4", "Presbiopia", "Presbyopia"),
    ("H60.9", "Otitis eksterna", "Otitis externa"),
    ("H61.2", "Serumen prop", "Impacted ear wax"),
    ("H65.9", "Otitis media efusi", "Otitis media with effusion"),
    ("H66.0", "Otitis media supuratif akut", "Acute suppurative otitis media"),
    ("H81.1", "Vertigo posisional (BPPV)", "Positional vertigo (BPPV)"),
    ("I10", "Hipertensi esensial", "Essential hypertension"),
    ("I11.9", "Penyakit jantung hipertensi", "Hypertensive heart disease"),
    ("I20.9", "Angina pektoris", "Angina pectoris"),
    ("I21.9", "Infark miokard akut", "Acute myocardial infarction"),
    ("I25.9", "Penyakit jantung koroner", "Coronary heart disease"),
    ("I50.9", "Gagal jantung", "Heart failure"),
    ("I64", "Strok", "Stroke"),
    ("I83.9", "Varises tungkai", "Varicose veins of the legs"),
    ("I84.9", "Wasir (hemoroid)", "Haemorrhoids"),
    ("J00", "Selesma (nasofaringitis akut)", "Common cold (acute nasopharyngitis)"),
    ("J01.9", "Sinusitis akut", "Acute sinusitis"),
    ("J02.9", "Faringitis akut", "Acute pharyngitis"),
    ("J03.9", "Tonsilitis akut", "Acute tonsillitis"),
    ("J04.0", "Laringitis akut", "Acute laryngitis"),
    ("J06.9", "ISPA (infeksi saluran napas atas akut)", "Acute upper respiratory infection"),
    ("J11.1", "Influenza", "Influenza"),
    ("J18.9", "Pneumonia", "Pneumonia"),
    ("J20.9", "Bronkitis akut", "Acute bronchitis"),
    ("J30.4", "Rinitis alergi", "Allergic rhinitis"),
    ("J44.9", "Penyakit paru obstruktif kronik", "Chronic obstructive pulmonary disease"),
    ("J45.9", "Asma", "Asthma"),
    ("K02.9", "Karies gigi", "Dental caries"),
    ("K04.0", "Pulpitis", "Pulpitis"),
    ("K05.1", "Gingivitis kronis", "Chronic gingivitis"),
    ("K12.0", "Sariawan (stomatitis aftosa)", "Mouth ulcers (aphthous stomatitis)"),
    ("K21.9", "Refluks gastroesofagus (GERD)", "Gastro-oesophageal reflux (GERD)"),
    ("K29.7", "Gastritis", "Gastritis"),
    ("K30", "Dispepsia", "Dyspepsia"),
    ("K35.8", "Apendisitis akut", "Acute appendicitis"),
    ("K40.9", "Hernia inguinalis", "Inguinal hernia"),
    ("K59.0", "Konstipasi", "Constipation"),
    ("K80.2", "Batu empedu", "Gallstones"),
    ("L01.0", "Impetigo", "Impetigo"),
    ("L02.9", "Abses kulit / bisul", "Skin abscess / boil"),
    ("L20.9", "Dermatitis atopik", "Atopic dermatitis"),
    ("L21.9", "Dermatitis seboroik", "Seborrhoeic dermatitis"),
    ("L23.9", "Dermatitis kontak alergi", "Allergic contact dermatitis"),
    ("L50.9", "Urtikaria (biduran)", "Urticaria (hives)"),
    ("L70.0", "Jerawat (akne vulgaris)", "Acne vulgaris"),
    ("M06.9", "Artritis reumatoid", "Rheumatoid arthritis"),
    ("M10.9", "Gout (asam urat)", "Gout"),
    ("M17.9", "Osteoartritis lutut", "Osteoarthritis of the knee"),
    ("M54.5", "Nyeri punggung bawah", "Low back pain"),
    ("M79.1", "Nyeri otot (mialgia)", "Muscle pain (myalgia)"),
    ("N18.9", "Penyakit ginjal kronik", "Chronic kidney disease"),
    ("N20.9", "Batu saluran kemih", "Urinary stones"),
    ("N30.0", "Sistitis akut", "Acute cystitis"),
    ("N39.0", "Infeksi saluran kemih", "Urinary tract infection"),
    ("N40", "Pembesaran prostat jinak", "Benign prostatic enlargement"),
    ("N76.0", "Vaginitis akut", "Acute vaginitis"),
    ("N89.8", "Keputihan", "Vaginal discharge"),
    ("N94.6", "Nyeri haid (dismenore)", "Painful periods (dysmenorrhoea)"),
    ("O14.9", "Preeklamsia", "Pre-eclampsia"),
    ("O20.0", "Abortus iminens", "Threatened miscarriage"),
    ("O21.0", "Mual muntah kehamilan", "Nausea and vomiting of pregnancy"),
    ("O80.9", "Persalinan normal", "Normal delivery"),
    ("P07.1", "Bayi berat lahir rendah", "Low birth weight"),
    ("P59.9", "Ikterus neonatorum", "Neonatal jaundice"),
    ("R05", "Batuk", "Cough"),
    ("R10.4", "Nyeri perut", "Abdominal pain"),
    ("R11", "Mual dan muntah", "Nausea and vomiting"),
    ("R42", "Pusing", "Dizziness"),
    ("R50.9", "Demam", "Fever"),
    ("R51", "Sakit kepala", "Headache"),
    ("R56.0", "Kejang demam", "Febrile convulsions"),
    ("S06.0", "Gegar otak (komosio)", "Concussion"),
    ("T14.1", "Luka terbuka", "Open wound"),
    ("T14.0", "Luka lecet / memar", "Abrasion / bruise"),
    ("T30.0", "Luka bakar", "Burn"),
    ("T63.0", "Gigitan ular berbisa", "Venomous snake bite"),
    ("W54", "Gigitan anjing", "Dog bite"),
    ("Z00.0", "Pemeriksaan kesehatan umum", "General health check"),
    ("Z00.1", "Pemeriksaan rutin anak", "Routine child health check"),
    ("Z23", "Imunisasi", "Immunisation"),
    ("Z30.9", "Pelayanan keluarga berencana", "Contraceptive care"),
    ("Z34.9", "Pemeriksaan kehamilan normal", "Normal antenatal care"),
    ("Z39.2", "Pemeriksaan nifas", "Postnatal care"),
)


# What a puskesmas sees every day stands before what it sees once a year.
FREQUENT = (
    "J06.9 I10 K30 K29.7 A09 R50.9 R51 M79.1 E11.9 J00 J02.9 L20.9 R05 H81.1 M54.5 E78.5"
).split(" ")


def _by_frequency() -> list[tuple[str, str, str]]:
    known = {one[0]: one for one in LIST}
    first = [known[code] for code in FREQUENT if code in known]
    return first + [one for one in LIST if one[0] not in FREQUENT]


_ORDERED = _by_frequency()


def find(text: str, language: str, limit: int = OPTIONS_MAX) -> list[dict[str, str]]:
    """Diagnoses with all the words in their code or in either name; named in the language.

    One that is exactly the text comes first, then those that begin with it; frequent before rare.
    """
    query = fold(text.strip())
    words = [word for word in query.split(" ") if word]
    exact: list[dict[str, str]] = []
    first: list[dict[str, str]] = []
    rest: list[dict[str, str]] = []
    if not words:
        return exact
    for code, indonesian, english in _ORDERED:
        folded = fold(code + " " + code.replace(".", "") + " " + indonesian + " " + english)
        if not all([word in folded for word in words]):
            continue
        name = english if language == "en" else indonesian
        found = {"code": code, "text": name}
        starts = fold(name).startswith(query) or fold(code).startswith(query)
        if is_exact(found, text):
            exact.append(found)
        elif starts:
            first.append(found)
        else:
            rest.append(found)
    return (exact + first + rest)[:limit]


def is_exact(diagnosis: dict[str, str], text: str) -> bool:
    """Whether the text is just this diagnosis' name or code."""
    query = fold(text.strip())
    return query in (fold(diagnosis["text"]), fold(diagnosis["code"]))
