"""Lists of words that screening looks for, folded: lower case, no accents, one space for anything but letters and digits.

Claims: since 27 September 2026 Directive (EU) 2024/825 bans claims that a product is neutral, reduced or positive in
its effect because emissions were paid for elsewhere; a page that repeats one would help to spread it. The lists are of
words, not of intentions: what they do not know gets through, and what they find a person decides about.
"""

CLAIMS = (
    # English
    *(
        f"{what} {how}"
        for what in ("carbon", "climate", "co2", "co 2")
        for how in (
            "neutral",
            "neutrality",
            "neutralised",
            "neutralized",
            "positive",
            "negative",
            "compensated",
        )
    ),
    *("carbonneutral", "climateneutral", "co2neutral", "klimaneutral", "carbon free", "zero carbon"),
    *("zero emission", "zero emissions", "net zero", "netzero"),
    *("offset", "offsets", "offsetting", "offsetted"),
    # French
    *(
        f"{how} {what}"
        for how in ("neutre", "neutres", "positif", "positive")
        for what in ("en carbone", "en co2", "pour le climat")
    ),
    *("neutralite carbone", "neutralite climatique", "climatiquement neutre", "climatiquement neutres"),
    *(
        "carbone neutre",
        "zero carbone",
        "zero emission nette",
        "zero emissions nettes",
        "emissions nettes nulles",
    ),
    *("zero net", "compensation carbone", "compense carbone", "compensee carbone", "carbone compense"),
    # Spanish
    *(
        f"{how} {what}"
        for how in ("neutro", "neutra", "neutros", "neutras", "neutral", "neutrales")
        for what in ("en carbono", "en co2", "para el clima", "en emisiones")
    ),
    *("carbono neutro", "carbono neutral", "neutralidad de carbono", "neutralidad en carbono"),
    *("neutralidad climatica", "climaticamente neutro", "climaticamente neutra", "positivo para el clima"),
    *("cero neto", "neto cero", "cero emisiones", "cero emisiones netas", "emisiones netas cero"),
    *("cero carbono", "compensacion de carbono"),
)

# Abuse, in texts of any language…
ABUSE = (
    *("fuck", "fucks", "fucked", "fucker", "fuckers", "fucking", "motherfucker", "motherfuckers", "bullshit"),
    *("shit", "shitty", "cunt", "cunts", "asshole", "assholes", "arsehole", "arseholes", "bitch", "bitches"),
    *(
        "whore",
        "whores",
        "wanker",
        "wankers",
        "nigger",
        "niggers",
        "faggot",
        "faggots",
        "sieg heil",
        "heil hitler",
    ),
    *("connard", "connards", "connasse", "connasses", "salope", "salopes", "encule", "encules", "enfoire"),
    *(
        "pute",
        "putes",
        "fils de pute",
        "nique ta mere",
        "merde",
        "bougnoule",
        "bougnoules",
        "youpin",
        "youpins",
    ),
    *("puta", "putas", "hijo de puta", "hijos de puta", "mierda", "gilipollas", "pendejo", "pendejos"),
    *("cabron", "cabrones", "maricon", "maricones", "sudaca", "sudacas"),
)
# … and words that are harmless in another of our languages: "con" is "with" in Spanish, "retard" a delay in French.
ABUSE_IN = {
    "en": ("retard", "retards", "bastard", "bastards", "slut", "sluts", "paki", "pakis"),
    "fr": ("con", "cons", "conne", "connes", "batard", "batards", "negre", "negres", "pede", "pedes"),
    "es": ("puto", "putos", "bastardo", "bastardos", "zorra", "zorras"),
}

MESSENGERS = (
    "whatsapp",
    "telegram",
    "wechat",
    "weixin",
    "viber",
    "snapchat",
    "instagram",
    "tiktok",
    "discord",
)
