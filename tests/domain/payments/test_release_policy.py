"""What a provider decides, and what is frozen with a payment."""

import pytest
from sqlalchemy.orm import Session

from app.domain.payments.models import ReleaseRule
from app.domain.payments.open_payment import open_payment
from app.domain.payments.payee_models import ReleasePolicy
from app.domain.payments.policy_queries import own_policies
from app.domain.payments.release_terms import AT_ONCE, ReleaseTerms, release_terms, terms_shown
from app.domain.payments.set_release_policy import PolicyRefused, set_release_policy
from app.domain.people.models import Provider
from app.money import Money
from tests.bank import make_bank_account
from tests.domain.payments.attempts import SOON
from tests.domain.payments.bank.accounts import AMERICAN
from tests.domain.people.samples import make_buyer
from tests.factories import NOW, make_offer, make_order, make_provider
from tests.traces import trail

REVIEW = ReleaseTerms(ReleaseRule.REVIEW, 48)
DELAY = ReleaseTerms(ReleaseRule.DELAY, 24)


def decide(session: Session, provider: Provider, terms: ReleaseTerms, threshold: str = "500.00") -> None:
    person = make_buyer(session).id
    set_release_policy(session, provider.id, terms, Money.parse(threshold, "USD"), person, NOW)
    session.flush()


@pytest.mark.parametrize(
    "method,total,expected",
    [
        ("paypal", "499.99", AT_ONCE),
        ("paypal", "500.00", REVIEW),
        ("stripe", "9999.00", REVIEW),
        ("bank", "9999.00", AT_ONCE),
    ],
)
def test_only_large_orders_paid_by_what_can_come_back_wait(
    session: Session, method: str, total: str, expected: ReleaseTerms
):
    provider = make_provider(session)
    assert release_terms(session, provider.id, method, Money.parse(total, "USD")) == AT_ONCE
    decide(session, provider, REVIEW)
    assert release_terms(session, provider.id, method, Money.parse(total, "USD")) == expected
    assert release_terms(session, provider.id, method, Money.parse(total, "EUR")) == AT_ONCE
    assert release_terms(session, make_provider(session).id, method, Money.parse(total, "USD")) == AT_ONCE


def test_a_decision_is_audited_with_what_was_before(session: Session):
    provider = make_provider(session)
    for terms in (REVIEW, DELAY, DELAY, AT_ONCE, AT_ONCE):
        decide(session, provider, terms)
    rows = [row for row in trail(session, provider.id) if row.event == "release_policy.changed"]
    review = {"rule": "review", "hours": 48, "from_minor": 50_000}
    delay = {"rule": "delay", "hours": 24, "from_minor": 50_000}
    assert [(row.payload["before"], row.payload["after"]) for row in rows] == [
        (None, review),
        (review, delay),
        (delay, None),
    ]
    assert all(row.actor == "provider" and row.actor_person_id for row in rows)
    assert session.query(ReleasePolicy).filter_by(provider_id=provider.id).count() == 0


@pytest.mark.parametrize(
    "terms,threshold,field",
    [
        (ReleaseTerms(ReleaseRule.DELAY, 0), 0, "hours"),
        (ReleaseTerms(ReleaseRule.REVIEW, 169), 0, "hours"),
        (DELAY, -1, "amount"),
    ],
)
def test_what_cannot_be_is_refused(session: Session, terms: ReleaseTerms, threshold: int, field: str):
    provider = make_provider(session)
    with pytest.raises(PolicyRefused) as refused:
        set_release_policy(session, provider.id, terms, Money(threshold, "USD"), make_buyer(session).id, NOW)
    assert refused.value.field == field
    assert session.query(ReleasePolicy).filter_by(provider_id=provider.id).count() == 0


def test_terms_are_frozen_when_the_payment_is_opened(session: Session):
    order = make_order(session, make_offer(session, price="20.00"))
    decide(session, order.provider, DELAY)
    assert terms_shown(session, order) == DELAY
    payment = open_payment(session, order.id, SOON)
    session.flush()
    decide(session, order.provider, AT_ONCE)
    assert (payment.release_rule, payment.release_hours) == (ReleaseRule.DELAY, 24)
    assert terms_shown(session, order) == DELAY


def test_a_transfer_never_waits(session: Session):
    provider = make_provider(session)
    make_bank_account(session, provider, {**AMERICAN, "iban": ""})
    order = make_order(session, make_offer(session, provider=provider, price="20.00"), method="bank")
    decide(session, provider, REVIEW)
    payment = open_payment(session, order.id, SOON)
    assert (payment.release_rule, payment.release_hours) == (ReleaseRule.AT_ONCE, 0)


def test_a_provider_decides_for_each_currency_in_which_it_offers(session: Session):
    provider = make_provider(session)
    for currency in ("USD", "EUR", "USD"):
        make_offer(session, provider=provider, currency=currency)
    decide(session, provider, REVIEW)
    assert [(each.currency, each.terms, each.threshold) for each in own_policies(session, provider.id)] == [
        ("EUR", AT_ONCE, None),
        ("USD", REVIEW, Money(50_000, "USD")),
    ]
