"""People who make an account of their own, and those who forgot their password."""

import re

import httpx
import pytest

from tests.neighbours import start_identity
from tests.sandbox.identity.relying import ANA, Relying, alert, back, heading

TYPED = {
    "email": "new.person@example.org",
    "firstName": "Nadia",
    "lastName": "Ñandú",
    "password": "a long password",
    "password-confirm": "a long password",
}


@pytest.fixture
def mails(mailbox):
    """The links in the mails to an address, oldest first."""
    httpx.delete(f"{mailbox.url}/messages")

    def links(to: str) -> list[str]:
        found = httpx.get(f"{mailbox.url}/messages.json", params={"to": to}).json()
        return [re.search(r"http://\S+", mail["text"])[0] for mail in found]

    return links


def register(browser: Relying, page: httpx.Response, **typed: str) -> httpx.Response:
    return browser.send("#kc-register-form", page, **{**TYPED, **typed})


@pytest.mark.parametrize("way", ["prompt", "address", "link"])
def test_a_new_person_verifies_the_address_and_is_signed_in(relying, mails, way):
    browser, email = relying(), f"new.by.{way}@example.org"
    if way == "prompt":
        page = browser.ask(prompt="create", ui_locales="fr")
    elif way == "address":
        page = browser.http.get(f"{browser.endpoints}/registrations", params=browser.query(ui_locales="fr"))
    else:
        href = re.search(r'href="([^"]*/registrations[^"]*)"', browser.ask(ui_locales="fr").text)[1]
        page = browser.http.get(browser.identity.url + href.replace("&amp;", "&"))
    assert heading(page) == "Create an account"
    assert heading(register(browser, page, email=email.upper())) == "Check your mail"
    assert heading(browser.ask()) == "Sign in"  # not yet
    [link] = mails(email)
    opened = browser.http.get(link)
    assert opened.status_code == 303
    claims = browser.claims(browser.tokens(browser.http.get(opened.headers["Location"]))["id_token"])
    assert (claims["email"], claims["email_verified"], claims["name"]) == (email, True, "Nadia Ñandú")
    assert (claims["locale"], claims["nonce"]) == ("fr", "the-nonce")
    assert heading(browser.http.get(link)) == "We are sorry …"  # once


def test_an_unverified_person_gets_another_mail_at_sign_in(relying, mails):
    browser, email = relying(), "unverified@example.org"
    register(browser, browser.ask(prompt="create"), email=email)
    other = relying()
    assert heading(other.password(other.ask(), email, TYPED["password"])) == "Check your mail"
    assert len(mails(email)) == 2
    assert heading(other.ask()) == "Sign in"


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"email": ANA}, "Email already exists."),
        ({"email": "nonsense"}, "Please give a valid email address."),
        ({"firstName": " "}, "Please give your first and last name."),
        ({"password": "short", "password-confirm": "short"}, "Invalid password: minimum length 8."),
        ({"password-confirm": "another password"}, "Password confirmation doesn't match."),
    ],
    ids=["known", "no address", "no name", "short", "mistyped"],
)
def test_what_was_typed_is_checked_and_kept(relying, mails, wrong, said):
    browser = relying()
    answer = register(browser, browser.ask(prompt="create"), **{"email": "checked@example.org", **wrong})
    assert (answer.status_code, alert(answer)) == (400, said)
    assert 'value="Ñandú"' in answer.text
    assert TYPED["password"] not in answer.text
    assert mails("checked@example.org") == []


def test_nobody_registers_at_the_registry(relying):
    browser = relying("registry")
    answer = browser.http.get(f"{browser.endpoints}/registrations", params=browser.query())
    assert alert(answer) == "Registration not allowed"
    assert heading(browser.ask(prompt="create")) == "Sign in"
    posted = browser.http.post(
        f"{browser.issuer}/login-actions/registration", params=browser.query(), data=TYPED
    )
    assert posted.status_code == 400


def test_a_forgotten_password_is_replaced_by_a_link(relying, mails, control):
    email = "forgetful@example.org"
    control.post("people", json={"realm": "public", "email": email, "password": "the old password"})
    browser = relying()
    page = browser.http.get(f"{browser.issuer}/login-actions/reset-credentials", params=browser.query())
    assert heading(browser.send("#kc-reset-password-form", page, username=email)) == "Check your mail"
    [link] = mails(email)
    page = browser.http.get(link)
    new = {"password": "the new password", "password-confirm": "the new password"}
    assert "minimum length" in alert(browser.send("form", page, **{"password": "x", "password-confirm": "x"}))
    opened = browser.send("form", page, **new)
    assert (
        browser.claims(browser.tokens(browser.http.get(opened.headers["Location"]))["id_token"])["email"]
        == email
    )
    assert heading(browser.send("form", page, **new)) == "We are sorry …"
    other = relying()
    assert alert(other.password(other.ask(), email, "the old password")) == "Invalid username or password."
    assert "code" in back(other.password(other.ask(), email, "the new password"))


def test_nobody_learns_who_has_an_account(relying, mails):
    browser = relying()
    page = browser.http.get(f"{browser.issuer}/login-actions/reset-credentials", params=browser.query())
    answers = [
        browser.send("#kc-reset-password-form", page, username=who) for who in (ANA, "nobody@example.org")
    ]
    assert answers[0].text.replace(ANA, "X") == answers[1].text.replace("nobody@example.org", "X")
    assert (len(mails(ANA)), mails("nobody@example.org")) == (1, [])


def test_without_a_mail_server_a_new_person_is_signed_in_at_once(tmp_path):
    with start_identity(tmp_path, platform_url="http://127.0.0.1:9") as program:
        browser = Relying(program, "public")
        with browser.http:
            answer = register(browser, browser.ask(prompt="create"))
            claims = browser.claims(browser.tokens(answer)["id_token"])
        assert (claims["email"], claims["email_verified"]) == (TYPED["email"], True)
