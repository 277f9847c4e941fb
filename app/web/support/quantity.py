"""Tonnes as people type them, and what to say when they cannot be had."""

import re

from babel import numbers
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app.domain.orders.basket import QuantityRefused
from app.web.support.filters import number

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")
_MOST_DIGITS = 9


class NotWholeTonnes(ValueError):
    """What was typed is no whole number of tonnes; the message is for the person who typed it."""


def read_quantity(text: str) -> int:
    """25, 1 000 or, as the reader's language groups its digits, 1,000. Zero is a number too.

    A decimal point is refused, never dropped: 1.5 must not become 15.
    """
    group = re.escape(numbers.get_group_symbol(get_locale()))
    plain = _SPACES.sub("", text)
    if re.fullmatch(rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+", plain):
        plain = re.sub(group, "", plain)
    if not plain:
        raise NotWholeTonnes(_("Enter how many tonnes, such as 25."))
    if not plain.isdecimal():
        raise NotWholeTonnes(_("Units are whole tonnes. Enter a number without decimals, such as 25."))
    if len(plain) > _MOST_DIGITS:
        raise NotWholeTonnes(_("That is more than has ever been issued. Enter a smaller number of tonnes."))
    return int(plain)


def refusal(refused: QuantityRefused) -> str:
    """Why a quantity cannot be ordered, and what could be."""
    tonnes = number(refused.bound)
    match refused.reason:
        case "not_on_sale":
            return _("These units are not on sale any more.")
        case "not_yet":
            return _("These units are not on sale yet.")
        case "too_many":
            return ngettext(
                "Only %(tonnes)s t is left.", "Only %(tonnes)s t are left.", refused.bound, tonnes=tonnes
            )
        case "too_few":
            return _("The seller takes orders of %(tonnes)s t or more.", tonnes=tonnes)
        case _:
            return _("The seller takes orders of at most %(tonnes)s t.", tonnes=tonnes)
