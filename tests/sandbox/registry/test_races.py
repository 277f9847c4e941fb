"""Many at once: the books stay right."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.sandbox.registry.conftest import cancel, request_for

THREADS = 20


def at_once(act):
    """Run act(number) in 20 threads that start together; their results."""
    start = Barrier(THREADS)

    def run(number):
        start.wait()
        return act(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_twenty_cancel_from_one_mandate(service, mandate, ledger):
    # One unit too few for all of them: nineteen get theirs, the last one is told so.
    left = mandate["quantity"]
    size = left // THREADS + 1
    answers = at_once(
        lambda number: cancel(service, request_for(mandate, f"race-{number}", size), timeout=60)
    )
    done = [answer for answer in answers if answer.status_code == 201]
    assert len(done) == left // size < THREADS
    assert {answer.json()["code"] for answer in answers if answer not in done} == {"insufficient_units"}
    books = ledger(mandate["mandate_id"])  # checks that the ranges are disjoint and add up
    assert books["cancelled"] == len(done) * size
    assert books["remaining"] == left - len(done) * size


def test_twenty_send_the_same_request(service, mandate, ledger):
    body = request_for(mandate, "same-request", 3)
    answers = at_once(lambda _number: cancel(service, body, timeout=60))
    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    others = {answer.json()["code"] for answer in answers if answer.status_code != 201}
    assert others <= {"idempotency_in_progress"}
    assert ledger(mandate["mandate_id"])["cancelled"] == 3


def test_twenty_keys_for_one_reference(service, mandate, ledger):
    body = request_for(mandate, "one-reference", 3)
    answers = at_once(lambda number: cancel(service, body, key=f"reference-{number}", timeout=60))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (THREADS - 1)
    assert ledger(mandate["mandate_id"])["cancelled"] == 3
