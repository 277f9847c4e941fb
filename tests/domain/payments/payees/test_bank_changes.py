"""Bank details change when two persons want it and three days have passed, and everybody hears of it at once."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.payments.bank.details import BankDetails
from app.domain.payments.bank.models import BankAccount
from app.domain.payments.bank.queries import transfer_of
from app.domain.payments.models import AccountState, ProviderPayeeAccount
from app.domain.payments.payee_models import ChangeState
from app.domain.payments.payees.apply_change import apply_change
from app.domain.payments.payees.ask_change import ChangeRefused, ask_change
from app.domain.payments.payees.bank_choices import BankChoices, change_bank_choices
from app.domain.payments.payees.confirm_change import (
    WAIT,
    SamePerson,
    SomebodyElseThere,
    confirm_change,
)
from app.domain.payments.payees.draft_account import AccountTaken
from app.domain.payments.payees.queries import (
    changes_for_administrators,
    changes_to_apply,
    open_change_of,
    people_of,
)
from app.domain.payments.payees.reconnect_account import reconnect_account
from app.domain.payments.payees.revoke_account import revoke_account
from app.domain.payments.payees.withdraw_change import withdraw_change
from app.domain.states import IllegalStep
from app.domain.team.models import TeamMember, TeamRole
from tests.bank import make_transfer
from tests.domain.payments.payees.people import (
    OTHER_IBAN,
    House,
    add,
    change_of,
    details,
    make_colleague,
    make_house,
    news,
    other_details,
)
from tests.factories import NOW, make_provider
from tests.traces import mails, payloads, steps, timed_jobs

MINUTE = timedelta(minutes=1)


def active(session: Session, house: House) -> ProviderPayeeAccount:
    """The provider's first bank account, confirmed."""
    account = add(session, house)
    confirm_change(session, change_of(session, account).id, house.ben, NOW)
    return account


def iban_of(session: Session, account: ProviderPayeeAccount) -> str:
    return BankDetails.from_json(session.get_one(BankAccount, account.id).details).iban


def test_the_first_one_is_active_when_a_second_person_confirms_it(session: Session):
    house = make_house(session)
    account = add(session, house)
    assert (account.state, account.external_id) == (AccountState.VERIFYING, "")
    with pytest.raises(SamePerson):
        confirm_change(session, change_of(session, account).id, house.ada, NOW)
    confirm_change(session, change_of(session, account).id, house.ben, NOW)
    assert (account.state, account.external_id) == (AccountState.ACTIVE, details().iban)
    assert (account.submitted_by, account.confirmed_by) == (house.ada, house.ben)
    assert steps(session, account.id) == ["submit", "probe_ok"]


def test_a_change_takes_two_persons_and_three_days(session: Session):
    house = make_house(session)
    account = active(session, house)
    change = ask_change(session, account.id, other_details(), house.ben, NOW)
    assert steps(session, change.id) == ["ask"]
    apply_change(session, change.id, NOW + 10 * WAIT)
    assert change.state == ChangeState.ASKED
    confirm_change(session, change.id, house.ada, NOW + MINUTE)
    assert change.effective_at == NOW + MINUTE + WAIT == NOW + MINUTE + timedelta(hours=72)
    assert ({"change_id": str(change.id)}, change.effective_at) in timed_jobs(session, "apply_payee_change")
    apply_change(session, change.id, change.effective_at - MINUTE)
    assert iban_of(session, account) == account.external_id == details().iban
    assert changes_to_apply(session, change.effective_at - MINUTE) == []
    assert changes_to_apply(session, change.effective_at) == [change.id]
    apply_change(session, change.id, change.effective_at)
    assert iban_of(session, account) == account.external_id == other_details().iban
    assert (account.state, change.state) == (AccountState.ACTIVE, ChangeState.APPLIED)
    assert steps(session, change.id) == ["ask", "confirm", "apply"]


def test_another_account_beside_an_active_one_waits_as_long(session: Session):
    house = make_house(session)
    active(session, house)
    second = add(session, house, other_details())
    change = confirm_change(session, change_of(session, second).id, house.ben, NOW)
    assert (second.state, change.effective_at) == (AccountState.VERIFYING, NOW + WAIT)
    apply_change(session, change.id, NOW + WAIT)
    assert second.state == AccountState.ACTIVE


def test_an_imported_account_counts_as_one_in_use(session: Session):
    transfer = make_transfer(session)
    provider = transfer.account.provider
    ada, ben = make_colleague(session, provider), make_colleague(session, provider)
    second = add(session, House(provider, ada, ben), other_details())
    assert confirm_change(session, change_of(session, second).id, ben, NOW).effective_at == NOW + WAIT


def test_two_first_ones_at_once_are_not_both_at_once(session: Session):
    house = make_house(session)
    first, second = add(session, house), add(session, house, other_details())
    for account in (first, second):
        confirm_change(session, change_of(session, account).id, house.ben, NOW)
    assert (first.state, second.state) == (AccountState.ACTIVE, AccountState.VERIFYING)


def test_everybody_is_told_at_once_of_everything(session: Session):
    house = make_house(session)
    account = active(session, house)
    make_colleague(session, make_provider(session), email="stranger@provider.example")
    before = len(mails(session, "payee_change"))
    change = ask_change(session, account.id, other_details(), house.ada, NOW)
    confirm_change(session, change.id, house.ben, NOW)
    apply_change(session, change.id, NOW + WAIT)
    told: dict[str, set[str]] = {}
    for mail in mails(session, "payee_change")[before:]:
        told.setdefault(mail.context["what"], set()).add(mail.to)
    everybody = {person.email for person in people_of(session, house.provider.id)}
    everybody.add(house.provider.contact_email)
    assert len(everybody) == 3
    assert told == {"asked": everybody, "confirmed": everybody, "applied": everybody}
    assert mails(session, "payee_change")[-1].context["tail"] == other_details().tail


@pytest.mark.parametrize("who", ["ada", "ben"])
@pytest.mark.parametrize("confirmed", [False, True])
def test_anybody_of_the_provider_can_withdraw_it(session: Session, who: str, confirmed: bool):
    house = make_house(session)
    account = active(session, house)
    change = ask_change(session, account.id, other_details(), house.ada, NOW)
    if confirmed:
        confirm_change(session, change.id, house.ben, NOW)
    withdraw_change(session, change.id, getattr(house, who), NOW + MINUTE)
    apply_change(session, change.id, NOW + 2 * WAIT)
    assert (change.state, iban_of(session, account)) == (ChangeState.WITHDRAWN, details().iban)
    assert [mail for mail in mails(session, "payee_change") if mail.context["what"] == "withdrawn"]
    with pytest.raises(IllegalStep):
        confirm_change(session, change.id, house.ben, NOW)


def test_what_is_applied_cannot_be_withdrawn(session: Session):
    house = make_house(session)
    account = add(session, house)
    change = confirm_change(session, change_of(session, account).id, house.ben, NOW)
    with pytest.raises(IllegalStep):
        withdraw_change(session, change.id, house.ada, NOW)


def test_an_administrator_confirms_only_where_there_is_nobody_else(session: Session):
    provider = make_provider(session, account=False)
    house = House(provider, make_colleague(session, provider), make_colleague(session, provider))
    vera = make_colleague(session, make_provider(session), roles=frozenset({"registry-administrator"}))
    account = add(session, house)
    change = change_of(session, account)
    with pytest.raises(SomebodyElseThere):
        confirm_change(session, change.id, vera, NOW, administrator=True)
    for person in people_of(session, provider.id):
        if person.id == house.ben:
            person.disabled_at = NOW
    session.flush()
    confirm_change(session, change.id, vera, NOW, administrator=True)
    assert account.state == AccountState.ACTIVE
    assert payloads(session, change.id, "payee_change.step")[-1]["step"] == "apply"


def test_whoever_may_only_read_is_no_second_person(session: Session):
    provider = make_provider(session, account=False)
    house = House(provider, make_colleague(session, provider), make_colleague(session, provider))
    change = change_of(session, add(session, house))
    assert changes_for_administrators(session) == []
    session.get_one(TeamMember, (provider.id, house.ben)).role = TeamRole.READER
    session.flush()
    assert changes_for_administrators(session) == [change]
    vera = make_colleague(session, make_provider(session), roles=frozenset({"registry-administrator"}))
    confirm_change(session, change.id, vera, NOW, administrator=True)
    assert changes_for_administrators(session) == []


def test_people_are_those_who_represent_an_account_now(session: Session):
    house = make_house(session)
    someone = people_of(session, house.provider.id)[0]
    make_colleague(
        session, house.provider, NOW + MINUTE, issuer=someone.issuer, subject=someone.subject, accounts=()
    )
    make_colleague(session, house.provider, roles=frozenset())
    assert [person.id for person in people_of(session, house.provider.id)] == [
        each for each in sorted((house.ada, house.ben)) if each != someone.id
    ]


def test_one_change_at_a_time(session: Session):
    house = make_house(session)
    account = active(session, house)
    ask_change(session, account.id, other_details(), house.ada, NOW)
    with pytest.raises(ChangeRefused, match="under_way"):
        ask_change(session, account.id, details(holder="Somebody Else"), house.ben, NOW)


def test_an_account_stays_in_its_currency(session: Session):
    house = make_house(session)
    account = active(session, house)
    with pytest.raises(ChangeRefused, match="currency"):
        ask_change(session, account.id, other_details(currency="USD"), house.ada, NOW)


def test_an_account_of_somebody_else_is_taken(session: Session):
    active(session, make_house(session))
    house = make_house(session)
    with pytest.raises(AccountTaken):
        add(session, house)
    account = add(session, house, other_details())
    confirm_change(session, change_of(session, account).id, house.ben, NOW)
    with pytest.raises(AccountTaken):
        ask_change(session, account.id, details(), house.ada, NOW)


def test_one_that_is_taken_meanwhile_is_withdrawn_by_itself(session: Session):
    one, two = make_house(session), make_house(session)
    mine, theirs = add(session, one), add(session, two)
    confirm_change(session, change_of(session, mine).id, one.ben, NOW)
    change = change_of(session, theirs)
    confirm_change(session, change.id, two.ben, NOW)
    assert (theirs.state, change.state) == (AccountState.VERIFYING, ChangeState.WITHDRAWN)


def test_orders_keep_what_their_buyers_were_told(session: Session):
    transfer = make_transfer(session)
    provider, account = transfer.account.provider, transfer.account
    ada, ben = make_colleague(session, provider), make_colleague(session, provider)
    told = dict(transfer.details)
    change = ask_change(session, account.id, other_details(), ada, NOW)
    confirm_change(session, change.id, ben, NOW)
    apply_change(session, change.id, NOW + WAIT)
    kept = transfer_of(session, transfer.order_id)
    assert kept is not None
    assert kept.details == told
    assert account.external_id == other_details().identifier != told["iban"]


def test_revoking_an_account_ends_what_was_wanted_of_it(session: Session):
    house = make_house(session)
    account = active(session, house)
    change = ask_change(session, account.id, other_details(), house.ada, NOW)
    revoke_account(session, account.id, house.ben, NOW)
    assert (account.state, change.state) == (AccountState.REVOKED, ChangeState.WITHDRAWN)


def test_one_that_is_taken_up_again_is_confirmed_anew_and_waits(session: Session):
    house = make_house(session)
    account = active(session, house)
    revoke_account(session, account.id, house.ben, NOW)
    reconnect_account(session, account.id, house.ada, NOW)
    change = confirm_change(session, change_of(session, account).id, house.ben, NOW)
    assert (account.state, change.effective_at) == (AccountState.VERIFYING, NOW + WAIT)


def test_the_database_itself_wants_two_persons(session: Session):
    house = make_house(session)
    change = change_of(session, add(session, house))
    change.state, change.decided_by = ChangeState.CONFIRMED, change.asked_by
    with pytest.raises(IntegrityError, match="two_persons"):
        session.flush()


def test_other_choices_hold_at_once_and_are_told(session: Session):
    house = make_house(session)
    account = active(session, house)
    wanted = BankChoices("Europe/Berlin", 14, 300, 100_000)
    change_bank_choices(session, account.id, wanted, house.ada, NOW)
    change_bank_choices(session, account.id, wanted, house.ada, NOW + MINUTE)
    assert BankChoices.of(session.get_one(BankAccount, account.id)) == wanted
    (payload,) = [
        each for each in payloads(session, account.id, "payee_account.changed") if each["what"] == "choices"
    ]
    assert payload["after"]["two_persons_from_minor"] == 100_000
    assert len(news(session, "choices")) == 3


ACTS = st.tuples(
    st.sampled_from(["ask", "ask", "confirm", "confirm", "withdraw", "apply", "revoke", "reconnect", "add"]),
    st.sampled_from(["ada", "ben"]),
    st.integers(0, 40),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(ACTS, max_size=14))
def test_whatever_two_people_do_details_change_by_both_of_them_and_after_three_days(
    session: Session, acts: list[tuple[str, str, int]]
):
    with session.begin_nested() as everything:
        _try_everything(session, acts)
        everything.rollback()
    session.expire_all()


def _try_everything(session: Session, acts: list[tuple[str, str, int]]) -> None:
    house, at = make_house(session), NOW
    account = active(session, house)
    asked: dict[str, tuple[str, datetime]] = {}  # wanted account → by whom
    confirmed: dict[str, tuple[str, datetime]] = {}
    ibans = [OTHER_IBAN, details().iban]
    for number, (act, who, hours) in enumerate(acts):
        at += timedelta(hours=hours)
        before, was = iban_of(session, account), account.state
        change, person = open_change_of(session, account.id), getattr(house, who)
        try:
            with session.begin_nested():
                if act == "ask":
                    wanted = details(iban=ibans[number % 2], bic="BYLADEM1001")
                    ask_change(session, account.id, wanted, person, at)
                    asked[wanted.iban] = who, at
                    confirmed.pop(wanted.iban, None)
                elif act == "add":
                    add(session, house, other_details())
                elif act == "revoke":
                    revoke_account(session, account.id, person, at)
                elif act == "reconnect":
                    reconnect_account(session, account.id, person, at)
                    asked[before] = who, at
                    confirmed.pop(before, None)
                elif change is not None and act == "confirm":
                    confirm_change(session, change.id, person, at)
                    confirmed[BankDetails.from_json(change.details).iban] = who, at
                elif change is not None and act == "withdraw":
                    withdraw_change(session, change.id, person, at)
                elif change is not None:
                    apply_change(session, change.id, at)
        except (IllegalStep, ChangeRefused, SamePerson, AccountTaken):
            pass
        session.expire_all()
        after = iban_of(session, account)
        if after != before or (was == AccountState.VERIFYING and account.state == AccountState.ACTIVE):
            (asker, _), (confirmer, when) = asked[after], confirmed[after]
            assert asker != confirmer
            assert at - when >= timedelta(hours=72)
        assert account.state != AccountState.ACTIVE or account.external_id == after
