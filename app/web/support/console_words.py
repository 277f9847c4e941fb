"""The words that the console shows for codes of the registry's and of our own."""

from flask_babel import gettext as _
from flask_babel import pgettext


def why_not(code: str) -> str:
    """Why units may not be offered, as a sentence for their provider."""
    known = {
        "frozen": _("The registry has frozen this block."),
        "moved": _("These units have been moved to another account."),
        "ndc_only": _(
            "The host Party authorized these units towards a nationally determined contribution only, not for other "
            "purposes."
        ),
        "imp_only": _(
            "The host Party authorized these units for international mitigation purposes only, not for other purposes."
        ),
        "no_other_purposes": _("The host Party has not authorized these units for other purposes."),
        "authorization_revoked": _("The host Party has revoked its authorization."),
        "authorization_unknown": _("What the host Party authorized is not known to the registry."),
        "not_authorized": _("The host Party has not authorized these units."),
        "nothing_free": _("All units of this block are cancelled or earmarked."),
        "suspended": _("Your provider is suspended on this platform. An administrator can tell you why."),
        "delisted": _("Your provider may not sell on this platform any more."),
        "offered": _("These units are offered already."),
        "mandate_ended": _("The mandate over these units has ended, or nothing of it is left."),
        "changed": _("The draft has changed meanwhile. Look at it once more."),
        "thrown_away": _("The draft has been thrown away meanwhile."),
        "another_person": _("A colleague has asked the registry for these units. Only they can ask again."),
    }
    if code in ("onboarding", "in_review"):
        return _(
            "Your provider is not approved here yet. Until then you can prepare offers, not publish them."
        )
    return known.get(code) or _("These units may not be offered.")


def term_problem(code: str, free: str, most: str) -> str:
    """What is wrong with a field of an offer; `free` units are there, a description has `most` characters at most."""
    known = {
        "whole": _("Units are whole tonnes. Enter a number without decimals, such as 25."),
        "too_many": _("This block has %(units)s free. Write that or less.", units=free),
        "over_quantity": _("Nobody could order so many. Write less, or leave it empty."),
        "under_min": _("This is less than the smallest order. Write more, or leave it empty."),
        "price": _("Enter a price per tonne, such as 11.20."),
        "currency": _("Choose the currency of the price."),
        "day": _("Enter a day such as 2026-12-31, or leave it empty."),
        "past": _("This day is over. Enter a later one, or leave it empty."),
        "no_day": _("The last day is before the first one."),
        "long": _("Write %(most)s characters at most.", most=most),
    }
    return known.get(code) or _("Write how many tonnes: 1 or more.")


def review_reason(code: str | None) -> str:
    """Whether an administrator looks at a new offer first, as a sentence for its provider."""
    if code is None:
        return _("Buyers see the offer at once.")
    if code == "first":
        return _("It is your first offer here: an administrator looks at it before buyers see it.")
    return _("An administrator looks at the offer before buyers see it.")


def act_refusal(code: str) -> str:
    """Why the registry refused to grant or revoke a mandate, as a sentence for the provider."""
    known = {
        "insufficient_units": _("The block does not have that many free units any more."),
        "block_not_available": _("The registry has frozen or moved this block."),
        "account_suspended": _("Your account in the registry is suspended or closed."),
        "forbidden": _("Your sign-in at the registry does not name this account, or does not allow this."),
        "not_found": _("The registry does not know this block or mandate in your account."),
        "validation_error": _("The registry does not take this quantity."),
    }
    return known.get(code) or _("The registry refused this.")


def mandate_status(code: str) -> str:
    """The state of a mandate."""
    names = {
        "active": _("Active"),
        "exhausted": _("Used up"),
        "revoked": _("Taken back"),
        "suspended": _("Suspended"),
        "expired": _("Run out"),
    }
    return names.get(code) or code


def account_status(code: str) -> str:
    """The state of a registry account."""
    return {"open": _("Open"), "suspended": pgettext("account", "Suspended"), "closed": _("Closed")}.get(
        code
    ) or code


def offer_state(code: str) -> str:
    """The state of an offer."""
    names = {
        "draft": _("Draft"),
        "in_review": _("In review"),
        "published": _("Published"),
        "paused": _("Paused"),
        "withdrawn": pgettext("offer", "Withdrawn"),
        "sold_out": _("Sold out"),
        "suspended": pgettext("offer", "Suspended"),
        "delisted": pgettext("offer", "Taken off for good"),
    }
    return names.get(code) or code


def provider_state(code: str) -> str:
    """The state of a provider."""
    return {
        "onboarding": _("Getting ready"),
        "in_review": _("In review"),
        "active": _("Active"),
        "suspended": _("Suspended"),
        "delisted": _("Delisted"),
    }.get(code) or code


def provider_kind(code: str) -> str:
    """How the state of a provider looks: the kind of its chip."""
    return {"active": "done", "onboarding": "none", "in_review": "wait"}.get(code) or "trouble"


def provider_subject(act: str) -> str:
    """The subject of the mail that tells a provider what was decided about it."""
    return {
        "approve": _("You can sell on the voluntary cancellation platform"),
        "send_back": _("Your request to sell needs a change"),
        "suspend": _("Your sales are suspended"),
        "reinstate": _("Your sales go on"),
        "delist": _("You were taken off the voluntary cancellation platform"),
        "relist": _("You can sell again on the voluntary cancellation platform"),
    }[act]


def provider_news(act: str) -> str:
    """What it means, as the mail's first sentence."""
    return {
        "approve": _("Your organisation is approved. Try out each way to be paid, then offer units."),
        "send_back": _("Something is missing before you can sell. Change it, then ask for approval again."),
        "suspend": _("Nothing of yours can be ordered for now. Orders that are placed already go on."),
        "reinstate": _("Your published offers are on sale again, as they were."),
        "delist": _("Nothing of yours can be ordered any more. Orders that are placed already go on."),
        "relist": _("Your published offers are on sale again, as they were."),
    }[act]


def job_status(code: str) -> str:
    """How a job stands."""
    return {
        "todo": _("Waits"),
        "doing": _("Under way"),
        "succeeded": _("Done"),
        "failed": _("Given up"),
    }.get(code) or code


def realm(code: str) -> str:
    """Where somebody signs in."""
    return {"public": _("Buyers"), "registry": _("Registry")}.get(code) or code
