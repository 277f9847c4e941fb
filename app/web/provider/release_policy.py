"""From when the provider's units are cancelled for money that can be taken back: one decision for each currency."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.payments.models import ReleaseRule
from app.domain.payments.policy_queries import OwnPolicy, own_policies
from app.domain.payments.release_terms import AT_ONCE, ReleaseTerms
from app.domain.payments.set_release_policy import HOURS_MAX, PolicyRefused, set_release_policy
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.money import Money
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.bank_words import plain_amount
from app.web.support.gate import needs, visitor

_HOURS = "24"
_SUGGESTED = Money(500_00, "EUR")


@dataclass(frozen=True)
class Typed:
    """The fields of one currency as they stand in the form."""

    currency: str
    rule: str
    amount: str
    hours: str


@blueprint.get("/release-policy")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def release_policy() -> str:
    """What applies now."""
    policies = own_policies(database(), acting_provider().id)
    return _page([_shown(policy) for policy in policies], {})


@blueprint.post("/release-policy")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def change_release_policy() -> Response | tuple[str, int]:
    """For each currency `rule-<currency>`, `amount-<currency>` and `hours-<currency>`: all of them, or none."""
    session, provider = database(), acting_provider()
    typed = [_typed(policy.currency) for policy in own_policies(session, provider.id)]
    errors: dict[str, str] = {}
    for each in typed:
        try:
            terms, threshold = _read(each)
            set_release_policy(session, provider.id, terms, threshold, visitor().person.id, now())
        except PolicyRefused as refused:
            errors[f"{refused.field}-{each.currency}"] = _problem(refused.field, each.currency)
    if errors:
        session.rollback()
        return _page(typed, errors), 422
    session.commit()
    flash(_("Saved. It applies to payments that buyers begin from now on."), "done")
    return redirect(url_for("provider.release_policy"), 303)


def _page(typed: list[Typed], errors: dict[str, str]) -> str:
    return render_template(
        "provider/release_policy.html",
        provider=acting_provider(),
        typed=typed,
        errors=errors,
        hours_max=HOURS_MAX,
        suggested=_SUGGESTED,
    )


def _shown(policy: OwnPolicy) -> Typed:
    amount = policy.threshold or (_SUGGESTED if policy.currency == _SUGGESTED.currency else None)
    hours = str(policy.terms.hours) if policy.terms.hours else _HOURS
    return Typed(policy.currency, policy.terms.rule.value, plain_amount(amount) if amount else "", hours)


def _typed(currency: str) -> Typed:
    rule, amount, hours = (
        request.form.get(f"{name}-{currency}", "").strip() for name in ("rule", "amount", "hours")
    )
    return Typed(currency, rule if rule in set(ReleaseRule) else ReleaseRule.AT_ONCE.value, amount, hours)


def _read(typed: Typed) -> tuple[ReleaseTerms, Money]:
    """Terms and threshold. PolicyRefused; what does not apply is not looked at."""
    if typed.rule == ReleaseRule.AT_ONCE:
        return AT_ONCE, Money(0, typed.currency)
    if not (typed.hours.isascii() and typed.hours.isdecimal() and len(typed.hours) < 5):
        raise PolicyRefused("hours")
    try:
        threshold = Money.parse(typed.amount.replace(",", "."), typed.currency)
    except ValueError as error:
        raise PolicyRefused("amount") from error
    return ReleaseTerms(ReleaseRule(typed.rule), int(typed.hours)), threshold


def _problem(field: str, currency: str) -> str:
    if field == "hours":
        return _("Enter whole hours for %(currency)s, from 1 to %(most)s.", currency=currency, most=HOURS_MAX)
    return _("Enter an amount in %(currency)s, such as 500.", currency=currency)
