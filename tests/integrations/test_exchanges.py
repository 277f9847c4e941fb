"""What administrators may see of calls: ids, states and amounts; nothing that opens or names anything else."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.errors import OutcomeUnknown
from app.integrations.exchanges import HIDDEN, listen, redacted
from app.integrations.http import HttpClient

SECRET = "secret-of-the-test"


def client(answer: httpx.Response | Exception) -> HttpClient:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return HttpClient("registry", "http://registry.test", transport=httpx.MockTransport(handle))


def test_a_call_is_heard_without_what_names_or_opens_anything():
    answer = {
        "cancellation_id": "CAN-1",
        "status": "completed",
        "serial_ranges": [{"start": 1, "end": 20, "prefix": "MW"}],
        "beneficiary": {"name": SECRET, "disclosure": "public"},
        "access_token": SECRET,
        "links": [{"href": SECRET}],
    }
    with listen() as heard:
        client(httpx.Response(201, json=answer)).request(
            "POST",
            "/v1/cancellations",
            headers={"Authorization": f"Bearer {SECRET}"},
            params={"token": SECRET},
            json={"mandate_id": "MND-1", "quantity": 20, "reason": SECRET, "beneficiary": {"name": SECRET}},
        )
    [call] = heard
    assert (call.system, call.call, call.status, call.problem) == (
        "registry",
        "POST /v1/cancellations",
        201,
        None,
    )
    assert call.request == {
        "mandate_id": "MND-1",
        "quantity": 20,
        "reason": HIDDEN,
        "beneficiary": {"name": HIDDEN},
    }
    assert call.answer["serial_ranges"] == [{"start": 1, "end": 20, "prefix": "MW"}]
    assert SECRET not in repr(heard)


def test_a_form_is_heard_likewise():
    with listen() as heard:
        client(httpx.Response(200, json={})).request(
            "POST", "/token", data={"grant_type": "client_credentials", "client_secret": SECRET}
        )
    assert heard[0].request == {"grant_type": HIDDEN, "client_secret": HIDDEN}


def test_a_call_without_an_answer_says_why():
    with listen() as heard, pytest.raises(OutcomeUnknown):
        client(httpx.ReadTimeout("too slow")).request("POST", "/v1/cancellations")
    assert (heard[0].status, heard[0].problem, heard[0].answer) == (None, "timeout", None)


def test_nothing_is_heard_afterwards_or_by_nobody():
    with listen() as heard:
        pass
    client(httpx.Response(200, json={})).request("GET", "/v1/health")
    assert heard == []


names = st.text(alphabet="qxyz", min_size=1, max_size=4)


@given(st.recursive(st.just(SECRET), lambda inner: st.lists(inner) | st.dictionaries(names, inner)))
def test_no_shape_lets_a_text_through(value):
    assert SECRET not in json.dumps(redacted(value))
