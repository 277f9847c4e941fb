"""The terms, and the words beside the boxes that a buyer must tick. What stands here is what is kept as evidence.

An administrator may set others (`terms` of the settings). A change of the wording below, in any language, needs a new
`TEXT_VERSION` in app/domain/orders/consents.py.
"""

from collections.abc import Sequence

from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app.domain.settings.queries import texts
from app.domain.settings.texts import fill
from app.extensions import database
from app.i18n import LANGUAGES, in_language, locale_tag


def consent_texts(sellers: Sequence[str]) -> dict[str, str]:
    """Kind of consent → its words in the reader's language, naming the sellers by their legal names."""
    words = _set_words()
    named = format_list(list(sellers), locale=get_locale())
    if words is not None:
        return {"terms": fill(words["terms"], {"sellers": named}), "immediate": words["immediate"]}
    return {"terms": _terms(named), "immediate": _immediate()}


def second_payment_text(seller: str) -> str:
    """The words beside the box that lets an order be paid in a second way while the first may yet bring money."""
    words = _set_words()
    return fill(words["second_payment"], {"seller": seller}) if words is not None else _second_payment(seller)


def terms_points(sellers: int) -> list[str]:
    """The terms themselves, point by point, for a basket of so many sellers."""
    words = _set_words()
    if words is not None:
        return [line.strip() for line in words["points"].splitlines() if line.strip()]
    return _points(sellers)


def shipped_terms() -> dict[str, dict[str, str]]:
    """Language → word → text, as the platform has them, with placeholders: for administrators to change."""
    shipped = {}
    for language in LANGUAGES:
        with in_language(language):
            shipped[language] = {
                "points": "\n".join(_points(2)),
                "terms": _terms("{sellers}"),
                "immediate": _immediate(),
                "second_payment": _second_payment("{seller}"),
            }
    return shipped


def _set_words() -> dict[str, str] | None:
    found = texts(database(), "terms", locale_tag())
    return found.words if found is not None else None


def _terms(sellers: str) -> str:
    return _(
        "I buy these units from %(sellers)s under a contract of sale with each seller named, and I accept the "
        "terms of this platform as they stand on this page.",
        sellers=sellers,
    )


def _immediate() -> str:
    return _(
        "I ask for the units to be cancelled immediately once my payment is confirmed, and I acknowledge that I "
        "then lose my right of withdrawal, because a cancellation cannot be undone."
    )


def _second_payment(seller: str) -> str:
    return _(
        "I want to pay in a second way. I know that both payments may be taken, and that %(seller)s gives back what "
        "was paid too much.",
        seller=seller,
    )


def _points(sellers: int) -> list[str]:
    return [
        ngettext(
            "The seller named above is your partner in the contract of sale and receives your payment directly. The platform is no party to it, holds no money and takes no fee.",
            "Each seller named above is your partner in a contract of sale of its own and receives your payment directly. The platform is no party to it, holds no money and takes no fee.",
            sellers,
        ),
        _(
            "Once the payment is confirmed, the platform has the units cancelled in the mechanism registry on the seller's mandate, and issues the certificate."
        ),
        _("If the registry does not cancel them, the seller pays the whole amount back."),
        _(
            "The registry publishes the quantity, the purpose, the reason and, if you chose so, the name. Your e-mail address is used for this order only."
        ),
    ]
