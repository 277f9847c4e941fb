"""A hint at slips of the finger in an e-mail address. Only ever a hint: an unusual address may be right."""

from rapidfuzz import process
from rapidfuzz.distance import OSA

# Where most people have their mailbox, and domains close to those that are right as they are.
_COMMON = (
    *("gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "outlook.es", "hotmail.com", "hotmail.fr"),
    *("hotmail.es", "hotmail.co.uk", "live.com", "live.fr", "msn.com", "yahoo.com", "yahoo.fr", "yahoo.es"),
    *(
        "yahoo.co.uk",
        "yahoo.co.in",
        "yahoo.com.br",
        "yahoo.de",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
    ),
    *("aol.com", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de", "t-online.de", "proton.me"),
    *(
        "protonmail.com",
        "fastmail.com",
        "zoho.com",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "laposte.net",
        "sfr.fr",
    ),
    *("mail.com", "email.com", "mail.ru", "yandex.ru", "qq.com", "163.com", "126.com", "uol.com.br"),
)
# Endings that do not exist, or nearly never are meant.
_ENDINGS = {
    ".con": ".com",
    ".cmo": ".com",
    ".vom": ".com",
    ".comm": ".com",
    ".ogr": ".org",
    ".orgg": ".org",
    ".nte": ".net",
}


def better_address(address: str) -> str | None:
    """The address that was probably meant; None if this one looks right. `address` is valid and normalised."""
    name, _, domain = address.rpartition("@")
    domain = domain.casefold()
    if domain in _COMMON:
        return None
    # One slip in a short domain, two in a long one; a swap of neighbours is one slip.
    slips = 1 if len(domain) < 9 else 2
    nearest = process.extractOne(domain, _COMMON, scorer=OSA.distance, score_cutoff=slips)
    if nearest is not None:
        return f"{name}@{nearest[0]}"
    for wrong, right in _ENDINGS.items():
        if domain.endswith(wrong):
            return f"{name}@{domain.removesuffix(wrong)}{right}"
    return None
