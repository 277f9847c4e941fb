"""A provider adds to a project's page, an administrator looks at it, and everybody sees it; and texts of orders likewise."""

from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.domain.content.models import ActivityContent
from app.settings import Settings
from tests.domain.content.pieces import encoded, make_picture, sample_picture
from tests.factories import make_mandate
from tests.journey import Journey
from tests.web.conftest import Fakes
from tests.web.console.conftest import Seller
from tests.web.pages import Client, words
from tests.web.roles import sign_in_administrator

TEXTS = "/en/console/admin/texts"


@pytest.fixture
def journey(settings: Settings, engine: Engine, fakes: Fakes) -> Journey:
    return Journey(settings, engine, registry=fakes.registry, gateway=fakes.gateway)


@pytest.fixture
def reference(session: Session, seller: Seller) -> str:
    """An activity of the seller's."""
    made = make_mandate(session, seller.provider).block.activity_ref
    session.commit()
    return made


def test_from_the_providers_form_to_everybodys_page(
    app: Flask, session: Session, seller: Seller, administrator: Client, reference: str
):
    listed = seller.client.get("/en/console/activities")
    assert "nothing yet" in listed.text
    address = f"/en/console/activities/{reference}"
    page = seller.client.get(address)
    page = page.form(f"{address}/summary").submit(text="We build stoves.\nThey last.", language="fr")
    assert "We build stoves." in page.text
    form = page.form(f"{address}/pictures")
    wrong = form.submit(status=422, file=[(BytesIO(b"GIF89a"), "a.png")], text="A <b>stove</b>")
    assert wrong.errors["pictures-file"].startswith("The file is no PNG")
    assert wrong.form(f"{address}/pictures").fields["text"] == ["A <b>stove</b>"]
    assert wrong.form(f"{address}/documents").fields["text"] == [""]
    wrong.form(f"{address}/pictures").submit(file=[(BytesIO(encoded(640, 480)), "a.png")])
    document = (BytesIO(b"%PDF-1.7 sample"), "report.pdf")
    page = page.form(f"{address}/documents").submit(file=[document], text="Report", language="en")
    assert len([each for each in page.all(".chip") if words(each) == "Waits for a look"]) == 3
    everybody = Client(app.test_client())
    assert "The seller says" not in everybody.get(f"/en/projects/{reference}").text

    pieces = {each.kind: each for each in session.scalars(select(ActivityContent))}
    for number in range(3):
        queue = administrator.get(TEXTS)
        assert len(queue.all("main section")) == 3 - number
        act = queue.one("#waiting-1").find_parent("section").find("a", string="Show…")["href"]
        decided = administrator.get(act).form()
        if number == 0:
            assert decided.submit(status=422, reason=" ").error("reason").startswith("Write why.")
        assert decided.submit(reason="It is about the project.").url == TEXTS
    assert "Nothing waits" in administrator.get(TEXTS).text

    shown = everybody.get(f"/en/projects/{reference}")
    assert "The seller says" in shown.text
    assert [(words(each), each.parent["lang"]) for each in shown.all(".seller-text p")] == [
        ("We build stoves.", "fr"),
        ("They last.", "fr"),
    ]
    assert "Report PDF · English · 1 kB" in shown.text
    [picture] = shown.all(".gallery img")
    assert (picture["alt"], picture["loading"], picture["width"], picture["height"]) == (
        "A <b>stove</b>",
        "lazy",
        "640",
        "480",
    )
    for url in (picture["src"], picture.parent["href"], f"/content/{pieces['document'].sha256}.pdf"):
        headers = everybody.get(str(url)).response.headers
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "Set-Cookie" not in headers
    assert headers["Content-Disposition"].startswith("attachment")

    found = administrator.get(f"{TEXTS}?find={reference}")
    [refuse, *_] = [str(a["href"]) for a in found.all("main a") if words(a) == "Do not show…"]
    administrator.get(refuse).form().submit(reason="No longer true.")
    assert "No longer true." in seller.client.get(address).text


def test_a_picture_that_waits_is_seen_by_those_who_look_at_it_only(
    app: Flask, session: Session, seller: Seller, neighbour: Seller, administrator: Client, reference: str
):
    picture = make_picture(session, seller.provider, reference, seller.person.person_id, shown=False)
    session.commit()
    client = Client(app.test_client())
    client.get(f"/content/{picture.sha256}.webp", status=404)
    neighbour.client.get(f"/en/console/content/{picture.id}", status=404)
    for place, visitor in (("", seller.client), ("/admin", administrator)):
        answer = visitor.get(f"/en/console{place}/content/{picture.id}").response
        assert answer.data == sample_picture().content
        assert "no-store" in answer.headers["Cache-Control"]
    page = seller.client.get(f"/en/console/activities/{reference}")
    gone = page.form(f"/en/console/activities/{reference}/content/{picture.id}/remove").submit()
    assert gone.all("img") == []


def test_words_on_a_certificate_are_taken_down_and_put_back(
    app: Flask, journey: Journey, administrator: Client
):
    order = journey.place(20, reason="Nice flights, net zero")
    certificate = journey.complete(order)
    assert "text or picture to look at 1" in administrator.get("/en/console/admin").text
    queue = administrator.get(f"/en/console/admin/orders/{order.number}").follow("Moderate its texts")
    assert queue.h1 == f"Texts of order {order.number}"
    queue = administrator.get(TEXTS)
    assert "Claim that consumers must not be given" in queue.text
    queue.follow("Take down…").form().submit(reason="A claim.")
    public = administrator.get(f"/en/certificates/{certificate.code}")
    assert "Nice flights" not in public.text
    found = public.follow("Moderate its texts")
    assert found.h1 == f"Texts of order {order.number}"
    assert "A claim." in found.text, "what happened"
    back = found.follow("Show…").form()
    assert "Nice flights" in words(found.one("#reason").find_parent("section"))
    back.submit(reason="Harmless.")
    assert "That was done before" in back.submit(reason="Again.").text
    everybody = Client(app.test_client())
    page = everybody.get(f"/en/certificates/{certificate.code}")
    assert "Nice flights" in page.text
    assert "Moderate its texts" not in page.text


@pytest.mark.parametrize(
    "query", ["find=VC-XXXX-XXXX", "find=%00x", "after=nonsense", "after=2026-11-23~x", "find=%E2%80%AE"]
)
def test_whatever_is_looked_for_there_is_a_page(administrator: Client, query: str):
    page = administrator.get(f"{TEXTS}?{query}", status=400 if "%00" in query else 200)
    assert page.h1


def test_who_has_not_just_proved_who_they_are_is_asked_first(app: Flask, journey: Journey):
    order = journey.place(20, reason="net zero")
    client = Client(app.test_client())
    sign_in_administrator(app, client, elevated=False)
    client.get(TEXTS)
    answer = client.get(f"{TEXTS}/reason/{order.id}/take-down", status=303, follow=False)
    assert "/console/elevate" in answer.location
