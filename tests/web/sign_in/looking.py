"""What these tests look at: cookies of a browser, rows of the database."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.people.models import SignIn
from tests.web.pages import Client, Page

COOKIES = {"public": "vcp-public", "registry": "vcp-console"}


def cookie(client: Client, realm: str = "public") -> str | None:
    """The browser's sign-in token; None without one."""
    found = client.inner.get_cookie(COOKIES[realm])
    return found.value if found else None


def who(page: Page) -> list[str]:
    """The names in the header, of who is signed in."""
    return [str(tag.get_text()).removeprefix("Signed in: ").strip() for tag in page.all(".nav .who bdi")]


def sign_ins(session: Session) -> list[SignIn]:
    """All of them, oldest first, as the database has them now."""
    session.rollback()
    found = list(session.scalars(select(SignIn).order_by(SignIn.began_at)))
    session.expunge_all()  # so that what is read later is another object
    return found


def only(session: Session) -> SignIn:
    """The only sign-in there is."""
    [found] = sign_ins(session)
    return found


def change(session: Session, **values: Any) -> None:
    """Change every sign-in, and commit."""
    session.rollback()
    session.execute(update(SignIn).values(**values))
    session.commit()


def age(session: Session, by: timedelta, *names: str) -> None:
    """Let times of every sign-in lie so much further back."""
    session.rollback()
    session.execute(update(SignIn).values({name: getattr(SignIn, name) - by for name in names}))
    session.commit()


def sign_out_button(page: Page, realm: str = "public") -> dict[str, str]:
    """The fields of the header's sign-out form of a realm."""
    for form in page.all(".nav form"):
        fields = {str(tag["name"]): str(tag["value"]) for tag in form.select("input")}
        if fields.get("realm") == realm:
            return fields
    raise AssertionError(f"nobody can sign out of {realm}: {page.text}")


def sign_out(client: Client, realm: str = "public", path: str = "/en/sign-out") -> Page:
    """Press the header's button; what the browser shows at once (redirects of ours are followed)."""
    return client.post(path, sign_out_button(client.get("/en/find-order"), realm))


def other_browser(client: Client | FlaskClient, app: Any) -> Client:
    """Somebody else's."""
    return Client(app.test_client())


def sign_in_rows_of(session: Session, person_id: Any) -> list[SignIn]:
    """The sign-ins of one person, as the database has them now."""
    return [row for row in sign_ins(session) if row.person_id == person_id]
