"""The words beside the boxes that a buyer must tick. What stands here is what is kept as evidence.

A change of wording, in any language, needs a new `TEXT_VERSION` in app/domain/orders/consents.py.
"""

from collections.abc import Sequence

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _


def consent_texts(sellers: Sequence[str]) -> dict[str, str]:
    """Kind of consent → its words in the reader's language, naming the sellers by their legal names."""
    return {
        "terms": _(
            "I buy these units from %(sellers)s under a contract of sale with each seller named, and I accept the "
            "terms of this platform as they stand on this page.",
            sellers=format_list(list(sellers), locale=get_locale()),
        ),
        "immediate": _(
            "I ask for the units to be cancelled immediately once my payment is confirmed, and I acknowledge that I "
            "then lose my right of withdrawal, because a cancellation cannot be undone."
        ),
    }


def second_payment_text(seller: str) -> str:
    """The words beside the box that lets an order be paid in a second way while the first may yet bring money."""
    return _(
        "I want to pay in a second way. I know that both payments may be taken, and that %(seller)s gives back what "
        "was paid too much.",
        seller=seller,
    )
