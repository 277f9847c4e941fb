"""Every fault of the control endpoint does what docs/sandbox.md says, once, and clears away."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.sandbox.registry.conftest import cancel, request_for

LONG = 60
SOON = httpx.Timeout(LONG, read=0.5)  # for calls that hang: whoever waits as long as that waits for ever


@pytest.fixture
def plain(registry, service_token):
    """A client that looks at answers as they come: broken ones do not keep the contract."""
    headers = {"Authorization": f"Bearer {service_token}"}
    with httpx.Client(base_url=registry.url, headers=headers, timeout=LONG) as client:
        yield client


def seen(service, reference):
    return service.get("/v1/cancellations", params={"client_reference": reference}).json()["items"]


@pytest.mark.parametrize("drop, error", [(True, httpx.RemoteProtocolError), (False, httpx.ReadTimeout)])
def test_timeout_after_acts_and_answers_nothing(plain, service, mandate, fault, ledger, drop, error):
    fault("timeout_after", drop=drop)
    body = request_for(mandate, f"after-{drop}", 2)
    with pytest.raises(error):
        cancel(plain, body, timeout=LONG if drop else SOON)
    (done,) = seen(service, body["client_reference"])
    assert done["status"] == "completed"
    assert cancel(service, body).json() == done  # the key replays what was never heard
    assert ledger(mandate["mandate_id"])["cancelled"] == 2


@pytest.mark.parametrize("drop, error", [(True, httpx.RemoteProtocolError), (False, httpx.ReadTimeout)])
def test_timeout_before_does_nothing(plain, service, mandate, fault, ledger, drop, error):
    fault("timeout_before", drop=drop)
    body = request_for(mandate, f"before-{drop}", 2)
    with pytest.raises(error):
        cancel(plain, body, timeout=LONG if drop else SOON)
    assert seen(service, body["client_reference"]) == []
    assert cancel(service, body).status_code == 201
    assert ledger(mandate["mandate_id"])["cancelled"] == 2


def test_a_hanging_call_holds_up_no_other(plain, service, control, mandate, fault):
    fault("timeout_before", times=10)
    with ThreadPoolExecutor(10) as pool:
        calls = [
            pool.submit(cancel, plain, request_for(mandate, f"hang-{number}"), timeout=LONG)
            for number in range(10)
        ]
        while control.get("/faults").json()["items"]:
            time.sleep(0.01)
        assert not any(call.done() for call in calls)
        assert service.get("/v1/activities", params={"limit": 1}).status_code == 200
        control.delete("/faults")  # lets them go
        assert {type(call.exception()) for call in calls} == {httpx.RemoteProtocolError}


def test_slow_answers_in_the_end(plain, mandate, fault):
    fault("slow", seconds=1)
    with pytest.raises(httpx.ReadTimeout):
        cancel(plain, request_for(mandate, "slow"), timeout=SOON)
    fault("slow", "getMandate", seconds=0.2)
    assert plain.get(f"/v1/mandates/{mandate['mandate_id']}").status_code == 200


@pytest.mark.parametrize(
    "kind, status, code",
    [("rate_limited", 429, "rate_limited"), ("unavailable", 503, "registry_unavailable")],
)
def test_busy_answers_say_when_to_come_back(service, mandate, fault, kind, status, code):
    fault(kind, retry_after=3)
    body = request_for(mandate, kind)
    busy = cancel(service, body)
    assert (busy.status_code, busy.json()["code"], busy.headers["Retry-After"]) == (status, code, "3")
    assert cancel(service, body).status_code == 201  # the same key was not used up


@pytest.mark.parametrize("acted", [True, False])
def test_malformed_answers_hide_whether_it_acted(plain, service, mandate, fault, acted):
    fault("malformed", acted=acted)
    body = request_for(mandate, f"malformed-{acted}")
    answer = cancel(plain, body)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    with pytest.raises(ValueError, match="Unterminated string"):
        answer.json()
    assert len(seen(service, body["client_reference"])) == acted
    assert cancel(service, body).status_code == 201
    fault("malformed", "listMandates", acted=acted)
    assert plain.get("/v1/mandates").text == answer.text


def test_refuse_is_final_for_its_key(service, mandate, fault, ledger):
    fault("refuse", code="mandate_revoked", detail="Not today.")
    body = request_for(mandate, "refuse")
    for _ in range(2):
        refused = cancel(service, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "mandate_revoked")
        assert refused.json()["detail"] == "Not today."
    assert ledger(mandate["mandate_id"])["cancelled"] == 0
    fault("refuse", "getMandate", code="not_found")
    assert service.get(f"/v1/mandates/{mandate['mandate_id']}").status_code == 404


def test_accept_later_completes_when_told(service, control, mandate, fault, ledger):
    fault("accept_later")
    body = request_for(mandate, "later", 6)
    accepted = cancel(service, body)
    assert (accepted.status_code, accepted.json()["status"], accepted.json()["serial_ranges"]) == (
        202,
        "accepted",
        [],
    )
    books = ledger(mandate["mandate_id"])
    assert (books["reserved"], books["remaining"]) == (6, mandate["quantity"] - 6)
    (done,) = control.post("/complete", json={"client_reference": "later"}).json()["items"]
    assert (done["status"], sum(each["count"] for each in done["serial_ranges"])) == ("completed", 6)
    assert service.get(f"/v1/cancellations/{done['cancellation_id']}").json() == done
    replayed = cancel(service, body)
    assert (replayed.status_code, replayed.json()) == (202, accepted.json())
    assert ledger(mandate["mandate_id"])["cancelled"] == 6


def test_accept_later_can_be_rejected(service, control, mandate, fault, ledger):
    fault("accept_later")
    accepted = cancel(service, request_for(mandate, "never", 6)).json()
    wanted = {
        "cancellation_id": accepted["cancellation_id"],
        "outcome": "rejected",
        "code": "account_suspended",
    }
    (rejected,) = control.post("/complete", json=wanted).json()["items"]
    assert (rejected["status"], rejected["rejection"]["code"]) == ("rejected", "account_suspended")
    assert service.get(f"/v1/cancellations/{accepted['cancellation_id']}").json() == rejected
    books = ledger(mandate["mandate_id"])
    assert (books["remaining"], books["reserved"]) == (mandate["quantity"], 0)


def test_accept_later_completes_by_itself(service, mandate, fault):
    fault("accept_later", seconds=0.3)
    accepted = cancel(service, request_for(mandate, "soon", 6)).json()
    give_up = time.monotonic() + 30
    while (now := service.get(f"/v1/cancellations/{accepted['cancellation_id']}").json())[
        "status"
    ] == "accepted":
        assert time.monotonic() < give_up
        time.sleep(0.05)
    assert (now["status"], now["serial_ranges"][0]["count"]) == ("completed", 6)


def test_what_was_accepted_completes_after_a_revocation(service, control, mandate, fault, ledger):
    fault("accept_later")
    accepted = cancel(service, request_for(mandate, "then-revoked", 6)).json()
    control.post(f"/mandates/{mandate['mandate_id']}/revoke").raise_for_status()
    control.post("/complete", json={"cancellation_id": accepted["cancellation_id"]}).raise_for_status()
    books = ledger(mandate["mandate_id"])
    assert (books["status"], books["cancelled"], books["remaining"]) == ("revoked", 6, 0)
    assert books["released"] == mandate["quantity"] - 6


def test_faults_wait_for_their_operation_and_run_out(plain, service, control, fault):
    fault("unavailable", "listMandates", times=2)
    assert service.get("/v1/activities", params={"limit": 1}).status_code == 200
    assert [service.get("/v1/mandates").status_code for _ in range(3)] == [503, 503, 200]
    fault("unavailable", "*")
    assert plain.get("/v1/health").status_code == 200  # what any call may take is not for the watchers
    assert service.get("/v1/mandates").status_code == 503
    fault("unavailable", "getHealth")
    assert plain.get("/v1/health").status_code == 503
    fault("unavailable", "*")
    assert [each["kind"] for each in control.get("/faults").json()["items"]] == ["unavailable"]
    control.delete("/faults").raise_for_status()
    assert service.get("/v1/mandates").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "explode"},
        {"kind": "slow", "operation": "getNothing"},
        {"kind": "slow", "colour": "green"},
        {"kind": "refuse", "operation": "requestCancellation"},
        {"kind": "accept_later", "operation": "listMandates"},
    ],
)
def test_a_fault_that_could_not_happen_is_refused(control, wrong):
    assert control.post("/faults", json=wrong).status_code == 422
    assert control.get("/faults").json()["items"] == []


def test_the_log_tells_what_was_called(service, control, mandate, fault):
    fault("timeout_after", drop=True)
    body = request_for(mandate, "logged")
    with pytest.raises(httpx.RemoteProtocolError):
        cancel(service, body)
    cancel(service, body)
    calls = control.get("/calls", params={"idempotency_key": "logged"}).json()["items"]
    assert [
        (call["operation"], call["client_reference"], call["status"], call["fault"]) for call in calls
    ] == [
        ("requestCancellation", "logged", None, "timeout_after"),
        ("requestCancellation", "logged", 201, None),
    ]
