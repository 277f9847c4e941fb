"""The words for roles in an organisation."""

from flask_babel import gettext as _

from app.domain.people.account_models import MemberRole


def member_role(role: str) -> str:
    """A role's name."""
    names = {
        MemberRole.OWNER: _("Owner"),
        MemberRole.BUYER: _("Buyer"),
        MemberRole.VIEWER: _("Viewer"),
    }
    return names[MemberRole(role)]


def member_role_means(role: str) -> str:
    """What somebody with this role can do, as a sentence to them."""
    means = {
        MemberRole.OWNER: _("As an owner you buy for it, see its orders, and decide who belongs to it."),
        MemberRole.BUYER: _("As a buyer you buy for it and see its orders."),
        MemberRole.VIEWER: _("As a viewer you see its orders and certificates."),
    }
    return means[MemberRole(role)]
