"""Codes of certificates, as people type what they read on paper."""

import re

_LETTERS, _GROUP = 20, 4


def canonical_code(typed: str) -> str | None:
    """What was typed as codes are written (7K3M-…, five groups of four); None when it cannot be one."""
    letters = re.sub(r"[^0-9A-Z]", "", typed.upper())
    if len(letters) != _LETTERS:
        return None
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))
