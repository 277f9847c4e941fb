"""ISO 11649 creditor references: one for each order, and finding them in what buyers typed."""

import re
from collections.abc import Sequence

from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

from app.domain.orders.numbers import ALPHABET

# RF, two check digits, then the order number without its dashes: 14 characters, always. As all have one length,
# none can hide in another, and a text needs no separators to be searched.
LENGTH = 14
_CODE = f"VC[{ALPHABET}]{{8}}"
_REFERENCE = re.compile(rf"RF[0-9]{{2}}{_CODE}")
_NUMBER = re.compile(_CODE)
_NOISE = re.compile(r"[^0-9A-Z]+")


def reference_of(order_number: str) -> str:
    """The order's reference: VC-7K3M-H9QD → RF86VC7K3MH9QD. ValueError for what is no order number of ours."""
    body = order_number.replace("-", "")
    if not _NUMBER.fullmatch(body):
        raise ValueError(f"no order number: {order_number!r}")
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def grouped(reference: str) -> str:
    """In groups of four, as it is printed: RF86 VC7K 3MH9 QD."""
    return str(iso11649.format(reference))


def is_reference(text: str) -> bool:
    """Is it a reference of our shape with right check digits?"""
    return bool(_REFERENCE.fullmatch(text)) and bool(iso11649.is_valid(text))


def find_references(texts: Sequence[str]) -> list[str]:
    """The references of ours in these texts, right check digits only, each once in the order of appearance.

    Blanks, line breaks, dashes and letter case do not count: banks and people break references anywhere, also
    over the end of one text into the next.
    """
    found: dict[str, None] = {}
    for plain in _plain(texts):
        # Overlapping, since what stands before a reference may look like the beginning of one.
        for start in range(len(plain) - LENGTH + 1):
            candidate = plain[start : start + LENGTH]
            if is_reference(candidate):
                found[candidate] = None
    return list(found)


def find_numbers(texts: Sequence[str]) -> list[str]:
    """The references of order numbers that stand without their check digits, or with wrong ones."""
    found: dict[str, None] = {}
    for plain in _plain(texts):
        for match in _NUMBER.finditer(plain):
            found[reference_of(match[0])] = None
    return list(found)


def squeeze(text: str) -> str:
    """Letters and digits only, in capitals."""
    return _NOISE.sub("", text.upper())


def _plain(texts: Sequence[str]) -> list[str]:
    return [*map(squeeze, texts), squeeze("".join(texts))]
