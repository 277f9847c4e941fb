"""The delegated client against prepared answers: what it sends, and that a token goes nowhere else."""

import json
import logging
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.registry.client import HttpRegistry
from app.integrations.registry.delegated_client import HttpDelegatedRegistry
from app.integrations.registry.interface import Account, DelegatedRegistry, MandateRequest, Registry
from tests.integrations.registry import answers
from tests.integrations.registry.answers import BASE, Prepared, problem

TOKEN = "eyJhbGciOi.J9-person_1.sig"
ASKED = MandateRequest("account-1", "block-1", 100)
ODD = ["..", ".", "", "a/../../b", "../mandates?x=1#y", "a%2Fb", "a\\b", "a\nb", "é", "a" * 201]
CALLS = {
    "accounts": lambda client, token: client.accounts(token),
    "holdings": lambda client, token: next(client.holdings(token, "account-1")),
    "mandate": lambda client, token: client.mandate(token, "mandate-1"),
    "grant": lambda client, token: client.grant(token, ASKED, "key-1"),
    "revoke": lambda client, token: client.revoke(token, "mandate-1"),
}


def delegated(*prepared: httpx.Response | Exception) -> tuple[HttpDelegatedRegistry, Prepared]:
    asked = Prepared(*prepared)
    return HttpDelegatedRegistry(BASE, page_size=2, transport=httpx.MockTransport(asked)), asked


def granted(**changes: object) -> httpx.Response:
    return httpx.Response(201, json=answers.mandate(**changes))


def test_each_call_carries_the_token_that_it_was_given():
    account = {"account_id": "account-1", "holder_name": "Sample", "holder_country": "MW", "status": "open"}
    client, asked = delegated(
        httpx.Response(200, json={"items": [account]}),
        answers.page(answers.block(), next_cursor="2"),
        answers.page(),
        granted(),
        granted(),
        granted(status="revoked"),
    )
    assert client.accounts("one") == [Account("account-1", "Sample", "MW", "open")]
    assert [block.block_id for block in client.holdings("two", "account-1")] == ["block-1"]
    client.mandate("three", "mandate-1")
    client.grant("four", ASKED, "key-1")
    client.revoke("five", "mandate-1")
    sent = [
        (each.method, each.url.raw_path.decode(), each.headers["Authorization"]) for each in asked.requests
    ]
    assert sent == [
        ("GET", "/v1/accounts", "Bearer one"),
        ("GET", "/v1/accounts/account-1/holdings?limit=2", "Bearer two"),
        ("GET", "/v1/accounts/account-1/holdings?cursor=2&limit=2", "Bearer two"),
        ("GET", "/v1/mandates/mandate-1", "Bearer three"),
        ("POST", "/v1/accounts/account-1/mandates", "Bearer four"),
        ("DELETE", "/v1/mandates/mandate-1", "Bearer five"),
    ]
    assert asked.requests[4].headers["Idempotency-Key"] == "key-1"
    assert json.loads(asked.requests[4].content) == {"block_id": "block-1", "quantity": 100}


def test_an_end_is_sent_in_utc():
    client, asked = delegated(granted())
    zone = timezone(timedelta(hours=2))
    client.grant(
        TOKEN, MandateRequest("account-1", "block-1", 100, datetime(2027, 1, 1, 1, tzinfo=zone)), "k"
    )
    assert json.loads(asked.requests[0].content)["expires_at"] == "2026-12-31T23:00:00Z"
    with pytest.raises(ValueError, match="zone"):
        client.grant(TOKEN, MandateRequest("account-1", "block-1", 1, datetime(2027, 1, 1)), "k")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("token", ["", "two words", "line\r\nX-Other: 1", "token-é"])
def test_what_is_no_token_is_not_sent_and_not_told(call, token):
    client, asked = delegated()
    with pytest.raises(ValueError, match="no bearer token") as raised:
        CALLS[call](client, token)
    assert asked.requests == []
    assert not token or token not in str(raised.value)


@pytest.mark.parametrize("call", CALLS)
def test_a_refused_token_is_not_replaced_by_any_other(call):
    client, asked = delegated(problem(401, "unauthenticated"))
    with pytest.raises(Refused) as raised:
        CALLS[call](client, TOKEN)
    assert raised.value.code == "unauthenticated"
    assert len(asked.requests) == 1


@pytest.mark.parametrize("call", CALLS)
def test_a_redirect_is_not_followed(call):
    away = httpx.Response(307, headers={"Location": "http://elsewhere.test/"})
    client, asked = delegated(away)
    with pytest.raises((TryAgain, OutcomeUnknown)) as raised:
        CALLS[call](client, TOKEN)
    assert raised.value.code == "unreadable"
    assert [each.url.host for each in asked.requests] == ["registry.test"]


@pytest.mark.parametrize("value", ODD)
def test_what_could_leave_its_place_in_the_path_is_not_even_asked_for(value):
    client, asked = delegated()
    for call in (
        lambda: next(client.holdings(TOKEN, value)),
        lambda: client.mandate(TOKEN, value),
        lambda: client.grant(TOKEN, MandateRequest(value, "block-1", 1), "key-1"),
        lambda: client.revoke(TOKEN, value),
    ):
        with pytest.raises(Refused) as raised:
            call()
        assert raised.value.code == "not_found"
    assert asked.requests == []


@pytest.mark.parametrize(
    "changes", [{"account_id": "account-2"}, {"block": answers.block(block_id="block-2")}, {"quantity": 99}]
)
def test_an_answer_about_another_mandate_is_no_answer(changes):
    client, _ = delegated(granted(**changes))
    with pytest.raises(OutcomeUnknown):
        client.grant(TOKEN, ASKED, "key-1")


def test_another_mandate_than_the_one_asked_for_is_no_answer():
    client, _ = delegated(granted(mandate_id="mandate-2"), granted(mandate_id="mandate-2"))
    with pytest.raises(TryAgain):
        client.mandate(TOKEN, "mandate-1")
    with pytest.raises(OutcomeUnknown):
        client.revoke(TOKEN, "mandate-1")


@pytest.mark.parametrize("call", ["grant", "revoke"])
@pytest.mark.parametrize(
    "answer", [httpx.ReadTimeout("late"), httpx.Response(500), httpx.Response(200, text="no JSON")]
)
def test_what_may_have_happened_is_unknown(call, answer):
    client, _ = delegated(answer)
    with pytest.raises(OutcomeUnknown):
        CALLS[call](client, TOKEN)


@pytest.mark.parametrize("call", CALLS)
def test_what_never_left_may_be_tried_again(call):
    client, _ = delegated(httpx.ConnectError("away"))
    with pytest.raises(TryAgain) as raised:
        CALLS[call](client, TOKEN)
    assert raised.value.code == "registry_unavailable"


@pytest.mark.parametrize(
    "status, code",
    [(403, "forbidden"), (403, "account_suspended"), (404, "not_found"), (409, "insufficient_units")],
)
def test_a_refusal_is_final(status, code):
    client, _ = delegated(problem(status, code))
    with pytest.raises(Refused) as raised:
        client.grant(TOKEN, ASKED, "key-1")
    assert raised.value.code == code


def test_the_token_is_in_no_log_error_or_repr(caplog):
    caplog.set_level(logging.DEBUG)
    client, _ = delegated(granted(), httpx.ReadTimeout("late"), problem(403, "forbidden"))
    client.mandate(TOKEN, "mandate-1")
    told = [repr(client), str(vars(client))]
    for kind in (OutcomeUnknown, Refused):
        with pytest.raises(kind) as raised:
            client.grant(TOKEN, ASKED, "key-1")
        told += [repr(raised.value), str(raised.value.__cause__)]
    assert "registry POST /v1/accounts/account-1/mandates" in caplog.text
    assert TOKEN not in caplog.text + "".join(told)


def calls_of(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")} - {"close"}


def test_the_platforms_own_client_can_do_nothing_of_a_persons_and_the_other_way_round():
    assert calls_of(HttpDelegatedRegistry) == calls_of(DelegatedRegistry)
    assert calls_of(HttpRegistry) == calls_of(Registry)
    assert calls_of(Registry) & calls_of(DelegatedRegistry) == {"mandate"}
    assert not {"accounts", "holdings", "grant", "revoke"} & calls_of(Registry)
    assert "cancel" not in calls_of(DelegatedRegistry)
