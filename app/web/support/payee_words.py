"""The words for payee accounts: what they are, how they fare, and what to do about it."""

from flask_babel import gettext as _

from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.web.support.order_words import payee_problem, service

S = AccountState
# Problems that other credentials heal; all others are healed at the service itself.
_ABOUT_CREDENTIALS = frozenset(
    {"credentials_refused", "permission_denied", "wrong_account", "wrong_mode", "no_platform_key"}
)


def payee_state(account: ProviderPayeeAccount) -> str:
    """The state of an account in a few words."""
    if account.state == S.VERIFYING and account.gateway == "bank":
        return _("Waits for a second person")
    if account.state == S.VERIFYING and account.state_reason:
        return _("Cannot be used yet")
    if account.state == S.ACTIVE and account.tested_at is None:
        return _("Not tried out yet")
    return {
        S.DRAFT: _("Not finished"),
        S.VERIFYING: _("Being checked"),
        S.ACTIVE: _("Buyers can use it"),
        S.DEGRADED: _("Out of order"),
        S.REVOKED: _("Taken off"),
    }[account.state]


def payee_kind(account: ProviderPayeeAccount) -> str:
    """The kind of chip that goes with `payee_state`."""
    if account.state == S.VERIFYING and account.state_reason:
        return "trouble"
    if account.state == S.ACTIVE and account.tested_at is None:
        return "wait"
    return {S.VERIFYING: "wait", S.ACTIVE: "done", S.DEGRADED: "trouble"}.get(account.state, "none")


def payee_reason(account: ProviderPayeeAccount) -> str:
    """Why it cannot be used, as a sentence; "" where the state says it all."""
    if not account.state_reason or account.state == S.ACTIVE:
        return ""
    return payee_problem(account.state_reason)


def payee_todo(account: ProviderPayeeAccount) -> str:
    """What the provider does about it, as a sentence; "" for nothing."""
    if account.state == S.ACTIVE and account.tested_at is None:
        return _("Pay yourself once: buyers are offered this way as soon as the money has come.")
    if account.state == S.DRAFT:
        return _("Go on where you left off, or take it off.")
    if account.state == S.VERIFYING and account.gateway == "bank":
        return _("Somebody else of yours opens this page and confirms the account.")
    if account.state == S.REVOKED:
        return _("Buyers are not offered it. You can connect it again.")
    if account.state_reason in _ABOUT_CREDENTIALS:
        return _("Enter new credentials. The old ones stay until the new ones work.")
    if account.state == S.DEGRADED:
        return _(
            "Look into your account at %(method)s, then try it out here.", method=service(account.gateway)
        )
    if account.state == S.VERIFYING:
        return _("We try it out again by ourselves, often at first. You can do so now.")
    return ""


def payee_mode(gateway: str, mode: str) -> str:
    """A way to be paid, as a title."""
    names = {
        ("bank", "own_account"): _("Bank transfer"),
        ("paypal", "own_app"): _("PayPal, with your own application"),
        ("paypal", "payee"): _("PayPal, by your address there (experimental)"),
        ("paypal", "partner"): _("PayPal, connected to this platform"),
        ("stripe", "own_key"): _("Cards through Stripe, with a key of yours"),
        ("stripe", "connect"): _("Cards through Stripe, connected to this platform"),
    }
    return names.get((gateway, mode)) or service(gateway)


def payee_mode_means(gateway: str, mode: str) -> str:
    """What a way to be paid is like for the provider, as a sentence."""
    known = {
        ("bank", "own_account"): _(
            "Buyers transfer to your own account and name a reference. Works in every country; two persons confirm it."
        ),
        ("paypal", "own_app"): _(
            "You make an application in PayPal’s developer pages and copy two keys here. Buyers without PayPal can use a card."
        ),
        ("paypal", "payee"): _(
            "You give your PayPal merchant number and no key. Refunds you make at PayPal."
        ),
        ("paypal", "partner"): _("You sign in at PayPal and allow this platform to ask for payments to you."),
        ("stripe", "own_key"): _("You make a restricted key at Stripe and copy it here."),
        ("stripe", "connect"): _("You sign up at Stripe, or sign in there; no key is needed."),
    }
    return known.get((gateway, mode)) or _("Buyers pay on a page of %(method)s.", method=service(gateway))


def change_state(code: str) -> str:
    """How far a change of bank details has come."""
    return {
        "asked": _("Waits for a second person"),
        "confirmed": _("Confirmed"),
        "applied": _("In force"),
        "withdrawn": _("Withdrawn"),
    }[code]


def payee_news(what: str, gateway: str, provider: str) -> str:
    """What has become of an account, as a sentence for everybody of its provider."""
    by = service(gateway)
    return {
        "added": _(
            "An account at %(method)s was added, to which buyers pay %(provider)s.",
            method=by,
            provider=provider,
        ),
        "secret": _(
            "The credentials of the account at %(method)s of %(provider)s were replaced.",
            method=by,
            provider=provider,
        ),
        "revoked": _(
            "Buyers can no longer pay %(provider)s by %(method)s: the account was taken off.",
            method=by,
            provider=provider,
        ),
        "choices": _(
            "How bank transfers to %(provider)s are handled was changed: days, charges let pass, or from when two "
            "persons confirm.",
            provider=provider,
        ),
    }[what]


def change_subject(what: str) -> str:
    """The subject of a mail about bank details."""
    return {
        "asked": _("Bank details: somebody asks for a change"),
        "confirmed": _("Bank details: a change is confirmed"),
        "applied": _("Bank details: a change is in force"),
        "withdrawn": _("Bank details: a change is withdrawn"),
    }[what]


def change_news(what: str, by: str, moment: str) -> str:
    """What has become of a change, as a sentence. `by`: who did it, "" for nobody; `moment`: from when it holds."""
    if what == "asked":
        return _(
            "%(person)s asks that buyers pay to this bank account. A second person has to confirm it.",
            person=by,
        )
    if what == "confirmed":
        return _(
            "%(person)s has confirmed as the second person that buyers pay to this bank account from %(moment)s on.",
            person=by,
            moment=moment,
        )
    if what == "withdrawn" and by:
        return _("%(person)s has withdrawn this bank account. Nothing changes.", person=by)
    if what == "withdrawn":
        return _("This bank account is on the platform as another one by now. Nothing changes.")
    return _(
        "From now on buyers are told this bank account. Orders that were placed before keep the one they have."
    )
