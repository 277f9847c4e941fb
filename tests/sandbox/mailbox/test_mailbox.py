"""The mailbox: keeps what it is sent, shows it safely, and says no when asked to."""

import base64
import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import html5lib
import httpx
import pytest
from bs4 import BeautifulSoup

from tests.neighbours import Program, start_mailbox


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_mailbox(tmp_path_factory.mktemp("mailbox")) as program:
        yield program


@pytest.fixture
def web(mailbox: Program) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=mailbox.url, trust_env=False) as client:
        client.delete("/messages")
        client.delete("/sandbox/faults")
        yield client


@pytest.fixture
def send(mailbox: Program) -> Callable[..., None]:
    port = int(mailbox.names["mail_url"].rpartition(":")[2])

    def send(to: str = "buyer@example.org", subject: str = "Your certificate – Taíba") -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "platform@example.org", to, subject
        mail.set_content("As text")
        mail.add_alternative("<p>As a <b>page</b><script>alert(1)</script></p>", subtype="html")
        mail.add_attachment(b"%PDF-\x00\xff", maintype="application", subtype="pdf", filename="é.pdf")
        mail.add_attachment("a,b\n", subtype="csv", filename="list.csv")
        mail["Content-Language"] = "en"
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(mail)

    return send


def test_json_has_everything(web: httpx.Client, send: Callable[..., None]):
    send()
    (mail,) = web.get("/messages.json").json()
    assert (mail["subject"], mail["to"]) == ("Your certificate – Taíba", ["buyer@example.org"])
    assert (mail["text"].strip(), mail["headers"]["Content-Language"]) == ("As text", "en")
    assert "<b>page</b>" in mail["html"]
    pdf, csv = mail["attachments"]
    assert (pdf["filename"], pdf["media_type"]) == ("é.pdf", "application/pdf")
    assert base64.b64decode(pdf["content_base64"]) == web.get(pdf["url"]).content == b"%PDF-\x00\xff"
    assert web.get(csv["url"]).text.splitlines() == ["a,b"]
    assert web.get(f"/messages/{mail['id']}.json").json() == mail


def test_mails_to_one_address(web: httpx.Client, send: Callable[..., None]):
    send("one@example.org")
    send("two@example.org")
    assert [mail["to"] for mail in web.get("/messages.json?to=TWO@example.org").json()] == [
        ["two@example.org"]
    ]
    assert web.get("/messages.json?to=three@example.org").json() == []


def test_pages(web: httpx.Client, send: Callable[..., None]):
    send(subject="First <b>")
    (mail,) = web.get("/messages.json").json()
    for path in ("/", f"/messages/{mail['id']}", "/?to=nobody@example.org"):
        answer = web.get(path)
        html5lib.HTMLParser(strict=True).parse(answer.text)
        page = BeautifulSoup(answer.text, "html.parser")
        assert len(page.select("h1")) == 1
        assert page.select("script, style, [style]") == []
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "First <b>" in BeautifulSoup(web.get("/").text, "html.parser").get_text()


def test_html_of_a_mail_is_locked_up(web: httpx.Client, send: Callable[..., None]):
    send()
    (mail,) = web.get("/messages.json").json()
    frame = BeautifulSoup(web.get(f"/messages/{mail['id']}").text, "html.parser").select_one("iframe")
    assert "sandbox" in frame.attrs
    assert "allow-" not in str(frame)
    answer = web.get(frame["src"])
    assert "<b>page</b>" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_attachments_are_downloaded(web: httpx.Client, send: Callable[..., None]):
    send()
    (mail,) = web.get("/messages.json").json()
    disposition = web.get(mail["attachments"][0]["url"]).headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert web.get(f"/messages/{mail['id']}/attachments/9").status_code == 404


def test_delete_all(web: httpx.Client, send: Callable[..., None]):
    send()
    answer = web.post("/messages/delete")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert web.get("/messages.json").json() == []
    assert "No mail yet" in web.get("/").text


@pytest.mark.parametrize("code", [451, 554])
def test_next_mails_are_not_taken(web: httpx.Client, send: Callable[..., None], code: int):
    web.post("/sandbox/faults", json={"code": code, "mails": 2})
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            send()
        assert refusal.value.smtp_code == code
    send()
    assert len(web.get("/messages.json").json()) == 1


def test_nonsense_is_no_fault(web: httpx.Client):
    assert web.post("/sandbox/faults", json={"code": 250}).status_code == 400
    assert web.get("/sandbox/faults").json() == {"queued": []}


def test_mails_outlive_the_program(tmp_path):
    with (
        start_mailbox(tmp_path) as program,
        smtplib.SMTP("127.0.0.1", int(program.names["mail_url"].rpartition(":")[2])) as server,
    ):
        server.sendmail("a@example.org", ["b@example.org"], "Subject: kept\r\n\r\nText")
    with start_mailbox(tmp_path) as program:
        (mail,) = httpx.get(f"{program.url}/messages.json", trust_env=False).json()
        assert (mail["subject"], mail["text"].strip(), mail["html"]) == ("kept", "Text", "")
