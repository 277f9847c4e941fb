"""What the settings are called, what they do, and their values, for administrators."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.domain.settings.settings import SETTINGS, Kind
from app.i18n import locale_tag


def setting_title(name: str) -> str:
    """What a setting is called."""
    return {
        "hold_minutes": _("Holding units for a payment"),
        "unpaid_orders": _("Unpaid orders of one buyer"),
        "choice_days": _("Choosing other units"),
        "claim_answer_bank_days": _("Answering “I have paid”"),
        "refund_bank_days": _("Sending money back"),
        "featured_activities": _("Featured projects"),
        "notice": _("Notice on every page"),
        "terms": _("Terms and boxes to tick"),
        "statements": _("Statements on certificates"),
    }[name]


def setting_means(name: str) -> str:
    """What it does, and for whom."""
    return {
        "hold_minutes": _(
            "So long an order’s units are kept for its buyer to pay by card or PayPal. Bank transfers have dates of their own. Orders already placed keep their time."
        ),
        "unpaid_orders": _(
            "So many orders of one buyer may wait for their payment at once: each holds units that nobody else can buy."
        ),
        "choice_days": _(
            "When the registry has refused all units of a paid order, its buyer has so long to choose others. Then the money goes back."
        ),
        "claim_answer_bank_days": _(
            "When a buyer says that a transfer has left, the provider has so long to look and answer. Then you are told."
        ),
        "refund_bank_days": _(
            "When a provider has to send money back by hand, they have so long. Buyers are told the day."
        ),
        "featured_activities": _(
            "Shown first in the catalogue’s daily mix, marked as featured, while anything of them is on sale."
        ),
        "notice": _("Stands on top of every page for everybody, for maintenance or news."),
        "terms": _(
            "What buyers read and tick before they order. Each order keeps which version was ticked, and a hash of the words."
        ),
        "statements": _(
            "What certificates state about their units, frozen when they are issued: certificates already issued never change."
        ),
    }[name]


def setting_value(name: str, value: Any) -> str:
    """A value in a few words; of a text nothing but that it was changed."""
    kind = SETTINGS[name].kind
    if kind == Kind.TEXTS:
        return _("The platform’s own words") if value is None else _("Changed words")
    if kind == Kind.NOTICE:
        return value["texts"].get(locale_tag(), "") if value else _("none")
    if kind == Kind.ACTIVITIES:
        return ", ".join(value) if value else _("none")
    return setting_amount(kind, value)


def setting_amount(kind: Kind, count: int) -> str:
    """A number with its unit."""
    if kind == Kind.MINUTES:
        return ngettext("one minute", "%(num)s minutes", count)
    if kind == Kind.DAYS:
        return ngettext("one day", "%(num)s days", count)
    if kind == Kind.BANK_DAYS:
        return ngettext("one bank day", "%(num)s bank days", count)
    return ngettext("one order", "%(num)s orders", count)


def setting_unit(kind: Kind) -> str:
    """What stands behind the field of a number."""
    return {Kind.MINUTES: _("minutes"), Kind.DAYS: _("days"), Kind.BANK_DAYS: _("bank days")}.get(kind) or _(
        "orders"
    )


def word_title(word: str, name: str) -> str:
    """What a word of the text `name` is called."""
    return {
        "terms": {
            "points": _("The terms, a line each"),
            "terms": _("Box: contract and terms"),
            "immediate": _("Box: immediate cancellation"),
            "second_payment": _("Box: paying in a second way"),
        },
        "statements": {
            "AER.one": _("Authorized, one unit"),
            "AER.other": _("Authorized, several units"),
            "MCER.one": _("Mitigation contribution, one unit"),
            "MCER.other": _("Mitigation contribution, several units"),
            "uses.NDC": _("Use: NDC"),
            "uses.IMP": _("Use: IMP"),
            "uses.OP": _("Use: OP"),
        },
    }[name][word]
