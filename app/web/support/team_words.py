"""Roles in a provider's team, and kinds of notices, in words."""

from flask_babel import gettext as _
from flask_babel import pgettext


def team_role(code: str) -> str:
    """A role in a provider's team."""
    return {
        "owner": pgettext("team", "Owner"),
        "sales": pgettext("team", "Sales"),
        "finance": pgettext("team", "Finance"),
        "reader": pgettext("team", "Reader"),
    }[code]


def team_role_means(code: str) -> str:
    """What somebody with it may do."""
    return {
        "owner": _("Everything, and decides about the team."),
        "sales": _("Offers, project pages, and answers to buyers."),
        "finance": _("Accounts to be paid on, bank statements, refunds, and answers to buyers."),
        "reader": _("Looks, and changes nothing."),
    }[code]


def notice_kind(code: str) -> str:
    """What notices of a kind are about."""
    return {
        "payments": _("Payments that wait for you"),
        "refunds": _("Money to give back"),
        "disputes": _("Disputed payments"),
        "messages": _("Messages and complaints of buyers"),
        "content": _("Texts and pictures that are not shown"),
    }[code]
