"""Certificates for everybody: the page says what the record says, the files are what was signed."""

import hashlib
import json

import pytest

from app.domain.certificates.json_twin import from_json
from app.domain.certificates.models import Certificate, CertificateState
from app.domain.moderation.decide_text import Act, decide_text
from app.domain.moderation.models import TextKind
from app.integrations.documents.interface import CertificateData
from app.web.support.certificate_codes import canonical_code
from tests.domain.people.samples import make_administrator
from tests.journey import Journey
from tests.web.pages import Client, Page, words


@pytest.fixture
def certificate(journey: Journey) -> Certificate:
    return journey.complete(journey.place(20, 5))


def page_of(client: Client, certificate: Certificate, language: str = "en") -> Page:
    return client.get(f"/{language}/certificates/{certificate.code}")


def record_of(certificate: Certificate) -> CertificateData:
    return from_json(certificate.json_twin)


def test_the_page_says_everything_that_the_record_says(client: Client, certificate: Certificate):
    record, page = record_of(certificate), page_of(client, certificate)
    facts = [
        record.number,
        record.code,
        record.order_number,
        record.provider_name,
        record.reason,
        record.presented_to.name,
        record.public_url,
        "twenty-five tonnes of CO₂ equivalent",
        "Voluntary contribution to climate action",
        certificate.json_sha256,
        certificate.pdf_sha256,
        *(statement.text for statement in record.statements),
    ]
    for line in record.lines:
        facts += [
            line.activity_title,
            line.activity_ref,
            line.issuance_ref,
            str(line.vintage),
            line.registry_cancellation_id,
            line.attestation_reference,
            line.client_reference,
            line.authorization_reference or "",
        ]
    assert [fact for fact in facts if " ".join(fact.split()) not in page.text] == []
    assert "Malawi" in page.text
    assert "Brazil" in page.text
    assert "none: no international transfer" in page.text
    assert "as stated by the beneficiary; not verified" in page.text
    assert "not a title to units and cannot be traded" in page.text


def test_serial_numbers_are_there_to_the_letter(client: Client, certificate: Certificate):
    printed = [span.printed for line in record_of(certificate).lines for span in line.serial_ranges]
    assert len(printed) == 4
    assert [tag.get_text() for tag in page_of(client, certificate).all(".serial")] == printed


def test_it_never_says_more_than_is_true(client: Client, certificate: Certificate):
    text = page_of(client, certificate).text.lower()
    assert [
        word for word in ("neutral", "offset", "net zero", "carbon credit", "retire") if word in text
    ] == []


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_statements_stay_in_the_language_they_were_frozen_in(client: Client, journey: Journey, language: str):
    certificate = journey.complete(journey.place(1, certificate_language="fr"))
    page = page_of(client, certificate, language)
    assert page.one(".paper-statements")["lang"] == "fr"
    [statement] = record_of(certificate).statements
    assert statement.text in page.text
    assert page.one("html")["lang"] == language


def test_an_anonymous_beneficiary_stays_anonymous(client: Client, journey: Journey):
    certificate = journey.complete(
        journey.place(
            1, beneficiary_type="individual", disclosure="anonymous", beneficiary_name="Sample Person"
        )
    )
    page = page_of(client, certificate)
    assert words(page.one(".paper-name")) == "An individual, Germany"
    twin = client.get(f"/certificates/{certificate.code}.json").response.data
    assert b"Sample Person" not in page.response.data + twin


def test_what_people_wrote_stays_text(client: Client, journey: Journey):
    name, reason = "Sample <b>Bakery</b> & Sons", "<script>alert(1)</script> {{ 7 * 7 }} %(x)s"
    certificate = journey.complete(
        journey.place(1, beneficiary_name=name, reason="<script>alert(1)</script>")
    )
    page = page_of(client, certificate)
    assert words(page.one(".paper-name")) == name
    assert page.one(".paper-name").find("b") is None
    assert reason.split(" {{", maxsplit=1)[0] in page.text
    assert page.all("main script") == []


# The files.


def test_the_pdf_is_what_was_stored(client: Client, journey: Journey, certificate: Certificate):
    response = client.get(f"/certificates/{certificate.code}.pdf").response
    with journey.sessions() as session:
        assert response.data == session.get_one(Certificate, certificate.id).pdf
    assert hashlib.sha256(response.data).hexdigest() == certificate.pdf_sha256
    assert response.mimetype == "application/pdf"
    name = f"certificate-{certificate.number.replace('/', '-')}.pdf"
    assert response.headers["Content-Disposition"] == f'inline; filename="{name}"'


def test_the_json_is_the_record_to_the_byte(client: Client, certificate: Certificate):
    response = client.get(f"/certificates/{certificate.code}.json").response
    assert response.data == certificate.json_twin
    assert hashlib.sha256(response.data).hexdigest() == certificate.json_sha256
    assert response.mimetype == "application/json"
    assert json.loads(response.data)["number"] == certificate.number


@pytest.mark.parametrize("ending", ["pdf", "json"])
def test_files_may_be_kept_and_are_asked_about(client: Client, certificate: Certificate, ending: str):
    url = f"/certificates/{certificate.code}.{ending}"
    headers = client.get(url).response.headers
    sha256 = {"pdf": certificate.pdf_sha256, "json": certificate.json_sha256}[ending]
    assert headers["Cache-Control"] == "public, no-cache"
    assert headers["ETag"] == f'"{sha256}"'
    assert "Set-Cookie" not in headers
    again = client.inner.get(url, headers={"If-None-Match": headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


# Words that are not shown.


def test_a_name_and_a_reason_that_are_not_shown_are_nowhere_in_public(client: Client, journey: Journey):
    name, reason = "Net Zero Bakery", "write to ana@example.org"
    order = journey.place(20, 5, beneficiary_name=name, reason=reason)
    certificate = journey.complete(order)
    page = page_of(client, certificate)
    assert words(page.one(".paper-name")) == "The name is not shown"
    assert "A part of this certificate is not shown here" in page.text
    assert "on behalf of an organisation (Germany)" in page.text
    for sha256 in (certificate.json_sha256, certificate.pdf_sha256):
        assert sha256 in page.text, "whoever holds a file can verify it"
    answer = client.get(f"/certificates/{certificate.code}.json")
    twin = answer.json
    assert (twin["presented_to"]["name"], twin["reason"]) == (None, None)
    assert twin["withheld"] == ["presented_to.name", "reason"]
    assert {**json.loads(certificate.json_twin), "presented_to": 0, "reason": 0, "statements": 0} == {
        key: 0 if key in {"presented_to", "reason", "statements"} else value
        for key, value in twin.items()
        if key != "withheld"
    }
    assert client.get(f"/certificates/{certificate.code}.pdf").url == f"/en/certificates/{certificate.code}"
    for text in (page.response.text, answer.response.text):
        assert name not in text
        assert "ana@" not in text


def test_the_buyer_has_the_file_whatever_the_public_may_read(client: Client, journey: Journey):
    order = journey.place(20, reason="net zero")
    certificate = journey.complete(order)
    page = client.get(f"/en/orders/{order.token}")
    assert "Something that you wrote is not shown there" in page.text
    own = f"/orders/{order.token}/certificate.pdf"
    assert page.link("Download the PDF") == own
    assert client.get(f"/orders/{order.token}.json").json["certificate"]["pdf"].endswith(own)
    response = client.get(own).response
    assert hashlib.sha256(response.data).hexdigest() == certificate.pdf_sha256
    assert response.headers["Cache-Control"] == "private, no-store"


def test_what_is_put_back_is_the_record_again_to_the_byte(
    client: Client, journey: Journey, certificate: Certificate
):
    def decide(act: Act) -> bytes:
        with journey.sessions.begin() as session:
            vera = make_administrator(session, f"{act}@example.org")
            decide_text(
                session,
                TextKind.BENEFICIARY_NAME,
                str(certificate.order_id),
                act,
                "Because.",
                vera.id,
                journey.now,
            )
        return client.get(f"/certificates/{certificate.code}.json").response.data

    assert b"Sample Buyer" not in decide(Act.TAKE_DOWN)
    assert decide(Act.SHOW) == certificate.json_twin
    client.get(f"/certificates/{certificate.code}.pdf", follow=False)


# Codes.


@pytest.mark.parametrize(
    "typed", ["{lower}", "{plain}", "{spaced}", "{lowerplain}"]
)  # as people type what they read on paper
@pytest.mark.parametrize("place", ["/en/certificates/{}", "/certificates/{}.pdf", "/certificates/{}.json"])
def test_a_code_is_found_however_it_is_typed(
    client: Client, certificate: Certificate, typed: str, place: str
):
    code = certificate.code
    forms = {
        "lower": code.lower(),
        "plain": code.replace("-", ""),
        "spaced": code.replace("-", " "),
        "lowerplain": code.replace("-", "").lower(),
    }
    answer = client.get(place.format(typed.format(**forms)), follow=False, status=301)
    assert answer.location == place.format(code)


@pytest.mark.parametrize("typed", ["", "x", "37CD-37CD-37CD-37CD", "37CD" * 6, "../../etc/passwd"])
def test_what_cannot_be_a_code_is_none(typed: str):
    assert canonical_code(typed) is None


def test_an_unknown_code_is_told_how_codes_look(client: Client, certificate: Certificate):
    page = client.get("/en/certificates/37CD-37CD-37CD-37CD-37CD", status=404)
    assert page.h1 == "No certificate has this code"
    assert "five groups of four letters and digits" in page.text
    assert page.form().fields["code"] == ["37CD-37CD-37CD-37CD-37CD"]
    found = page.form().submit(code=f" {certificate.code.lower()} ")
    assert found.url == f"/en/certificates/{certificate.code}"
    for ending in ("pdf", "json"):
        client.get(f"/certificates/37CD-37CD-37CD-37CD-37CD.{ending}", status=404)


def test_a_certificate_can_be_checked_by_its_code(client: Client, certificate: Certificate):
    page = client.get("/en/certificates")
    assert page.h1 == "Check a certificate"
    assert page.form().submit(code=certificate.code).h1 == "Certificate of voluntary cancellation"
    assert page.form().submit(code="no such", status=404).h1 == "No certificate has this code"


# Versions.


def test_a_superseded_version_leads_to_the_newer_one(
    client: Client, journey: Journey, certificate: Certificate
):
    with journey.sessions.begin() as session:
        old = session.get_one(Certificate, certificate.id)
        old.state = CertificateState.SUPERSEDED
        newer = Certificate(
            order_id=old.order_id,
            version=2,
            number=old.number,
            code="37CD-37CD-37CD-37CD-37CD",
            language=old.language,
            issued_at=old.issued_at,
            json_twin=old.json_twin,
            json_sha256=old.json_sha256,
            pdf=b"%PDF-1.7 corrected",
            pdf_sha256="0" * 64,
        )
        session.add(newer)
    page = page_of(client, certificate)
    assert "This version has been superseded" in page.text
    assert page.link("See version 2") == "/en/certificates/37CD-37CD-37CD-37CD-37CD"
    assert "superseded" not in client.get("/en/certificates/37CD-37CD-37CD-37CD-37CD").text
    name = f"certificate-{certificate.number.replace('/', '-')}-v2.pdf"
    assert (
        name
        in client.get("/certificates/37CD-37CD-37CD-37CD-37CD.pdf").response.headers["Content-Disposition"]
    )
    assert client.get(f"/certificates/{certificate.code}.pdf").status == 200, "the old file keeps its address"


def test_until_its_pdf_is_there_only_the_record_can_be_had(
    client: Client, journey: Journey, certificate: Certificate
):
    with journey.sessions.begin() as session:
        row = session.get_one(Certificate, certificate.id)
        row.pdf = row.pdf_sha256 = None
    page = page_of(client, certificate)
    assert "Open the PDF" not in page.text
    client.get(f"/certificates/{certificate.code}.pdf", status=404)
    client.get(f"/certificates/{certificate.code}.json")


def test_the_page_is_not_for_search_engines(client: Client, certificate: Certificate):
    assert "noindex" in page_of(client, certificate).response.headers["X-Robots-Tag"]
