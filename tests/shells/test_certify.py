"""One order, one certificate: however often and by however many it is made."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Barrier

import pytest
from sqlalchemy import select

from app.domain.certificates.issue_certificate import NotCancelled
from app.domain.certificates.models import Certificate, CertificateCounter
from app.domain.certificates.words_in_force import shipped_statements
from app.domain.orders.models import Order
from app.integrations.documents.fake import FakeCertificates
from app.integrations.documents.interface import CertificateData
from app.integrations.errors import Refused
from app.shells.certify import certify
from app.shells.works import Works
from tests.factories import set_setting
from tests.journey import Journey


class Different(FakeCertificates):
    """No two renderings are the same; all renderers wait for each other."""

    def __init__(self, together: int) -> None:
        super().__init__()
        self.meet = Barrier(together)
        self.number = count(1)

    def render(self, data: CertificateData, json_twin: bytes) -> bytes:
        self.meet.wait(20)
        return super().render(data, json_twin) + b"%d" % next(self.number)


def works_with(journey: Journey, renderer: FakeCertificates) -> Works:
    return replace(journey.works, neighbours=replace(journey.neighbours, certificates=renderer))


@pytest.fixture
def cancelled(journey: Journey) -> Order:
    order = journey.place(20, 5)
    journey.pay(order)
    journey.cancel(order)
    return order


def certificates(journey: Journey) -> list[Certificate]:
    with journey.sessions() as session:
        found = list(session.execute(select(Certificate)).scalars())
        for certificate in found:
            _ = certificate.pdf
        return found


def test_twice_gives_the_same_document(journey: Journey, cancelled: Order):
    works = works_with(journey, Different(1))
    certify(works, cancelled.id)
    (first,) = certificates(journey)
    assert first.pdf is not None
    assert first.pdf_sha256 == hashlib.sha256(first.pdf).hexdigest()
    assert first.json_sha256 == hashlib.sha256(first.json_twin).hexdigest()
    certify(works, cancelled.id)
    (second,) = certificates(journey)
    assert (second.id, second.number, second.code) == (first.id, first.number, first.code)
    assert (second.pdf, second.json_twin) == (first.pdf, first.json_twin)
    assert len(journey.mails("certificate")) == 1


def test_two_at_once_give_one(journey: Journey, cancelled: Order):
    renderer = Different(2)
    works = works_with(journey, renderer)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: certify(works, cancelled.id), range(2)))
    assert len(renderer.rendered) == 2, "both were at it"
    assert renderer.rendered[0] == renderer.rendered[1]
    (certificate,) = certificates(journey)
    assert certificate.pdf is not None
    assert certificate.pdf_sha256 == hashlib.sha256(certificate.pdf).hexdigest()
    assert len(journey.mails("certificate")) == 1
    with journey.sessions() as session:
        assert [row.last for row in session.execute(select(CertificateCounter)).scalars()] == [1]


def test_after_a_crash_the_same_facts_are_rendered(journey: Journey, cancelled: Order):
    with pytest.raises(Refused):
        certify(works_with(journey, FakeCertificates(unprintable="S")), cancelled.id)
    (frozen,) = certificates(journey)
    assert (frozen.pdf, frozen.pdf_sha256) == (None, None)
    assert journey.mails("certificate") == []
    with journey.sessions.begin() as session:
        session.get_one(Order, cancelled.id).provider.legal_name = "Another name by now"
    certify(journey.works, cancelled.id)
    (certificate,) = certificates(journey)
    assert (certificate.id, certificate.json_twin) == (frozen.id, frozen.json_twin)
    assert certificate.pdf is not None
    assert frozen.json_twin in certificate.pdf


def test_numbers_follow_each_other(journey: Journey):
    numbers = [journey.complete(journey.place(5)).number for _ in range(3)]
    year = journey.now.year
    assert numbers == [f"VC{number:06d}/{year}" for number in (1, 2, 3)]


@pytest.mark.parametrize("how_far", ["placed", "paid", "partly cancelled"])
def test_what_is_not_cancelled_is_not_certified(journey: Journey, how_far: str):
    order = journey.place(20, 5)
    if how_far != "placed":
        journey.pay(order)
    if how_far == "partly cancelled":
        journey.registry.change_block(journey.mandate_of(order), status="frozen")
        journey.cancel(order)
    with pytest.raises(NotCancelled):
        certify(journey.works, order.id)
    assert certificates(journey) == []


def test_one_that_is_done_is_not_rendered_again(journey: Journey, cancelled: Order):
    certify(journey.works, cancelled.id)
    certify(journey.works, cancelled.id)
    assert len(journey.certificates.rendered) == 1


def test_a_certificate_keeps_the_words_that_it_was_issued_with(journey: Journey):
    def issued() -> Certificate:
        return journey.complete(journey.place(5))

    first = issued()
    before = bytes(first.json_twin)
    with journey.sessions.begin() as session:
        words = shipped_statements(("en",))["en"]
        words = {**words, "AER.other": f"As of now: {words['AER.other']}"}
        set_setting(session, "statements", words, language="en")
    second = issued()
    with journey.sessions() as session:
        assert bytes(session.get_one(Certificate, first.id).json_twin) == before
    [old], [new] = (json.loads(each.json_twin)["statements"] for each in (first, second))
    assert (old["version"], new["version"]) == ("2026-11", "2026-11-23.1")
    assert new["text"].startswith("As of now: 5 A6.4ERs")
    assert not old["text"].startswith("As of now")
