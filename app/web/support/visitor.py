"""What a browser is recognised by: the id of its basket and its way to pay, in the signed session cookie.

What the visitor typed stays on the server, with the basket.
"""

from datetime import timedelta
from uuid import UUID

from flask import Flask, session

from app.domain.orders.basket import basket_size
from app.extensions import database

_BASKET = "basket"
_METHOD = "method"
# Long enough to sleep on it; short enough for a shared computer.
_REMEMBERED = timedelta(days=7)


def init_app(app: Flask) -> None:
    """Give templates `basket_count()`."""
    app.permanent_session_lifetime = _REMEMBERED
    app.jinja_env.globals["basket_count"] = basket_count


def basket_id() -> UUID | None:
    """The visitor's basket, as far as the cookie knows; it may have been placed meanwhile."""
    kept = session.get(_BASKET)
    return UUID(kept) if kept else None


def remember_basket(basket: UUID) -> None:
    """From now on this is the visitor's basket."""
    if session.get(_BASKET) != str(basket):
        session[_BASKET] = str(basket)
        session.permanent = True


def forget_all_but_basket() -> None:
    """A guest becomes somebody: the session begins anew, and with it the secret behind the forms' tokens."""
    kept = basket_id()
    session.clear()
    if kept is not None:
        remember_basket(kept)


def method() -> str | None:
    """Code of the gateway that the visitor has chosen."""
    return session.get(_METHOD)


def remember_method(code: str) -> None:
    """The visitor wants to pay in this way."""
    session[_METHOD] = code


def basket_count() -> int:
    """How many offers are in the visitor's basket; without a basket nothing is asked."""
    kept = basket_id()
    return basket_size(database(), kept) if kept else 0
