"""What four places say about one cancellation: the certificate's PDF, its record, the registry and the mail."""

import base64
import hashlib
import json
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from babel import Locale
from playwright.sync_api import expect

from tests.integrations.documents.reading import attachments, squeezed, squeezed_text
from tests.stories.navigators import Buyer, Wishes
from tests.stories.platform import OnSale, Platform

WORDS = Path(__file__).parents[2] / "app" / "templates" / "certificates" / "words"


@dataclass(frozen=True)
class Certificate:
    """As its page hands it out."""

    pdf: bytes
    twin: bytes
    page: str  # the text of the page

    @property
    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads(self.twin)
        return record


def certificate_on(buyer: Buyer) -> Certificate:
    """What the open page of a certificate shows and links to."""
    main = buyer.page.locator("main")

    def linked(ending: str) -> bytes:
        address = main.locator(f"a[href$='.{ending}']").get_attribute("href")
        return httpx.get(f"{buyer.platform.url}{address}").raise_for_status().content

    expect(main.locator("article")).to_be_visible()
    return Certificate(linked("pdf"), linked("json"), main.inner_text())


def mail_to(platform: Platform, to: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The one mail of that kind; it may come a moment after the page has changed."""
    for _ in range(150):
        if found := [mail for mail in platform.town.mails(to) if wanted(mail)]:
            (mail,) = found
            return mail
        time.sleep(0.2)
    raise AssertionError(f"{to} got no such mail: {[mail['subject'] for mail in platform.town.mails(to)]}")


def assert_all_agree(
    buyer: Buyer, wishes: Wishes, language: str, bought: dict[OnSale, int], code: str
) -> None:
    """Certificate page, PDF, record, registry and mail say the same, to the letter."""
    certificate = certificate_on(buyer)
    record = certificate.record
    words = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))

    # The record says what was wished.
    assert (record["code"], record["language"], record["quantity"]) == (code, language, sum(bought.values()))
    assert record["presented_to"] == {
        "type": wishes.beneficiary_type,
        "disclosure": "anonymous" if wishes.name is None else "public",
        "name": wishes.name,
        "country": wishes.country,
    }
    assert (record["purpose"], record["reason"]) == (wishes.purpose, wishes.reason)
    assert {(line["activity_ref"], line["quantity"]) for line in record["lines"]} == {
        (offer.activity_ref, tonnes) for offer, tonnes in bought.items()
    }
    assert record["public_url"] == buyer.page.url

    # The registry's books say the same.
    kept = [
        cancellation
        for offer in bought
        for cancellation in buyer.platform.town.ledger(offer.mandate_id)["cancellations"]
    ]
    for line in record["lines"]:
        (cancellation,) = [each for each in kept if each["client_reference"] == line["client_reference"]]
        assert_recorded(cancellation, line, record)

    # Everything is on paper.
    printed = squeezed_text(certificate.pdf)
    facts = [record["number"], code, record["order_number"], record["provider_name"], record["public_url"]]
    facts += [words["purposes"][wishes.purpose], wishes.reason]
    country = Locale.parse(language).territories[wishes.country]
    facts.append(wishes.name or words[f"an_{wishes.beneficiary_type}"].format(country=country))
    facts += [statement["text"] for statement in record["statements"]]
    serials = [span["printed"] for line in record["lines"] for span in line["serial_ranges"]]
    references = [
        line[name]
        for line in record["lines"]
        for name in ("client_reference", "registry_cancellation_id", "attestation_reference")
    ]
    for fact in [*facts, *serials, *references]:
        for part in as_drawn(fact):
            assert part in printed, fact
    assert list(attachments(certificate.pdf).values()) == [[certificate.twin]]

    # The page shows it, and how to tell that the files are genuine.
    shown = squeezed(certificate.page)
    hashes = [hashlib.sha256(content).hexdigest() for content in (certificate.pdf, certificate.twin)]
    for fact in [*serials, *references, *hashes, wishes.reason, record["number"]]:
        assert squeezed(fact) in shown, fact

    # The mail brings the same file in the reader's language.
    number = record["number"]
    mail = mail_to(
        buyer.platform, buyer.email, lambda mail: mail["attachments"] and number in mail["subject"]
    )
    assert mail["headers"]["Content-Language"] == buyer.language
    (attached,) = mail["attachments"]
    assert base64.b64decode(attached["content_base64"]) == certificate.pdf
    for fact in [*serials, code, record["number"], record["order_number"], buyer.page.url, hashes[0]]:
        assert fact in mail["text"], fact
        assert fact in mail["html"], fact


def as_drawn(fact: str) -> list[str]:
    """What of a fact stands together in the text of a PDF; words of a right-to-left script change places there."""
    from_right = any(unicodedata.bidirectional(character) in {"R", "AL"} for character in fact)
    return re.findall(r"\w+", fact) if from_right else [squeezed(fact)]


def assert_recorded(cancellation: dict[str, Any], line: dict[str, Any], record: dict[str, Any]) -> None:
    """One line of the certificate against the registry's own account of it."""
    assert cancellation["status"] == "completed"
    assert cancellation["cancellation_id"] == line["registry_cancellation_id"]
    assert cancellation["attestation"]["reference"] == line["attestation_reference"]
    assert (
        cancellation["quantity"] == line["quantity"] == sum(each["count"] for each in line["serial_ranges"])
    )
    assert cancellation["serial_ranges"] == line["serial_ranges"]
    assert cancellation["completed_at"] == line["cancelled_at"]
    assert (cancellation["purpose"], cancellation["reason"]) == (record["purpose"], record["reason"])
    # A name that nobody is to know is not even sent.
    named = {key: value for key, value in record["presented_to"].items() if value is not None}
    assert cancellation["beneficiary"] == named
