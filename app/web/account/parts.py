"""What the pages of the account share: the links to its parts, and what is answered about somebody else's things."""

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden, NotFound

from app.domain.people.membership import NotAllowed, NotAMember
from app.web.account.blueprint import blueprint

# Pages that have no tab of their own.
_PARTS = {
    "account.change_profile": "account.profile",
    "account.create": "account.organisations",
    "account.organisation": "account.organisations",
    "account.change": "account.organisations",
    "account.invite": "account.organisations",
    "account.invitation": "account.organisations",
    "account.accept": "account.organisations",
    "account.save": "account.beneficiaries",
    "account.erase": "account.privacy",
    "account.erase_everything": "account.privacy",
}


@dataclass(frozen=True)
class Tab:
    """A part of the account."""

    words: str
    url: str
    current: bool


@blueprint.app_template_global("account_tabs")
def tabs() -> list[Tab]:
    """The parts, in order."""
    places = [
        ("account.home", _("Orders")),
        ("account.beneficiaries", _("Saved names")),
        ("account.organisations", _("Organisations")),
        ("account.profile", _("Profile")),
        ("account.sign_ins", _("Sign-ins")),
        ("account.privacy", _("Your data")),
    ]
    endpoint = request.endpoint or ""
    part = _PARTS.get(endpoint, endpoint)
    return [Tab(words, url_for(place), place == part) for place, words in places]


@blueprint.errorhandler(NotAMember)
def not_there(_error: NotAMember) -> ResponseReturnValue:
    """Somebody else's organisation, member, invitation or name: there is no such thing."""
    return current_app.handle_user_exception(NotFound())


@blueprint.errorhandler(NotAllowed)
def not_allowed(_error: NotAllowed) -> ResponseReturnValue:
    """A member's role does not reach that far."""
    return current_app.handle_user_exception(Forbidden())
