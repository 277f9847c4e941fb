"""Acts that take two administrators: nothing happens by one, everything by two, and all of it is written down."""

from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.four_eyes.acts import ACTS
from app.domain.four_eyes.decide_proposal import (
    SamePerson,
    confirm_proposal,
    decline_proposal,
    withdraw_proposal,
)
from app.domain.four_eyes.models import Proposal, ProposalState
from app.domain.four_eyes.propose import NotPossible, ProposedAlready, propose
from app.domain.orders.decide_order import Act
from app.domain.orders.flag_order import flag_order
from app.domain.orders.models import OrderState
from app.domain.people.decide_provider import decide_provider
from app.domain.people.models import Provider, ProviderState
from app.domain.people.reasons import ReasonMissing
from app.domain.states import IllegalStep
from tests.domain.people.samples import make_administrator
from tests.factories import NOW, make_order, make_provider
from tests.traces import mails, payloads, steps, trail


@pytest.fixture
def two(session: Session) -> tuple[UUID, UUID]:
    return (
        make_administrator(session, "ada@example.org").id,
        make_administrator(session, "bea@example.org").id,
    )


@pytest.fixture
def provider(session: Session) -> Provider:
    return make_provider(session, state=ProviderState.IN_REVIEW)


def approval(session: Session, provider: Provider, by: UUID) -> Proposal:
    return propose(session, "provider.approve", provider.id, "All is in order.", by, NOW)


def test_it_is_done_by_the_second_one_with_the_first_ones_reason(session, two, provider):
    ada, bea = two
    proposal = approval(session, provider, ada)
    assert provider.state == ProviderState.IN_REVIEW
    assert [mail.to for mail in mails(session, "proposal_waits")] == ["bea@example.org"]
    confirm_proposal(session, proposal.id, bea, NOW)
    session.flush()
    assert (provider.state, provider.approved_at, provider.state_reason) == (
        ProviderState.ACTIVE,
        NOW,
        "All is in order.",
    )
    [row] = trail(session, provider.id)
    assert (row.actor_person_id, row.payload["reason"]) == (bea, "All is in order.")
    assert steps(session, proposal.id) == ["propose", "confirm"]
    assert payloads(session, proposal.id, "proposal.step")[1]["proposed_by"] == str(ada)
    assert [mail.to for mail in mails(session, "provider_decided")] == [provider.contact_email]
    with pytest.raises(IllegalStep):
        confirm_proposal(session, proposal.id, bea, NOW)


def test_one_person_is_not_two(session, two, provider):
    ada, bea = two
    proposal = approval(session, provider, ada)
    for act in (confirm_proposal, lambda *args: decline_proposal(*args[:2], "No.", *args[2:])):
        with pytest.raises(SamePerson):
            act(session, proposal.id, ada, NOW)
    with pytest.raises(SamePerson):
        withdraw_proposal(session, proposal.id, "Mine.", bea, NOW)
    assert (provider.state, proposal.state) == (ProviderState.IN_REVIEW, ProposalState.OPEN)


def test_the_database_says_so_too(session, two, provider):
    proposal = approval(session, provider, two[0])
    proposal.state, proposal.decided_by, proposal.decided_at = ProposalState.CONFIRMED, two[0], NOW
    with pytest.raises(IntegrityError, match="two_persons"):
        session.flush()


@pytest.mark.parametrize(
    "end, place, state",
    [
        (decline_proposal, 1, ProposalState.DECLINED),
        (withdraw_proposal, 0, ProposalState.WITHDRAWN),
    ],
)
def test_declined_or_withdrawn_with_a_reason_nothing_is_done(session, two, provider, end, place, state):
    proposal = approval(session, provider, two[0])
    with pytest.raises(ReasonMissing):
        end(session, proposal.id, " ", two[place], NOW)
    end(session, proposal.id, "A paper is missing.", two[place], NOW)
    session.flush()
    assert (proposal.state, proposal.decision_reason) == (state, "A paper is missing.")
    assert provider.state == ProviderState.IN_REVIEW
    assert approval(session, provider, two[1]).state == ProposalState.OPEN, "it can be proposed again"


def test_one_thing_at_a_time_and_only_what_is_possible(session, two, provider):
    proposal = approval(session, provider, two[0])
    with pytest.raises(ProposedAlready) as raised:
        propose(session, "provider.delist", provider.id, "Because.", two[1], NOW)
    assert raised.value.proposal is proposal
    with pytest.raises(NotPossible):
        propose(session, "provider.relist", make_provider(session).id, "Because.", two[0], NOW)
    with pytest.raises(ReasonMissing):
        propose(session, "provider.delist", make_provider(session).id, "", two[0], NOW)


def test_what_has_become_impossible_meanwhile_is_not_done(session, two, provider):
    proposal = approval(session, provider, two[0])
    session.commit()
    decide_provider(session, provider.id, "send_back", "A paper is missing.", two[0], NOW)
    with pytest.raises(NotPossible):
        confirm_proposal(session, proposal.id, two[1], NOW)


def test_an_orders_history_has_both_persons(session, two):
    order = make_order(session)
    flag_order(session, order, "payment_mismatch", NOW)
    proposal = propose(session, "order.reject", order.id, "It is a mistake.", two[0], NOW)
    assert order.state == OrderState.NEEDS_ATTENTION
    confirm_proposal(session, proposal.id, two[1], NOW)
    session.flush()
    assert order.state == OrderState.WITHDRAWN
    rows = [row for row in trail(session, proposal.id) if row.order_id == order.id]
    assert [row.actor_person_id for row in rows] == list(two)


def test_whatever_may_be_decided_about_an_order_takes_two():
    assert {f"order.{act.value}" for act in Act} <= set(ACTS)
