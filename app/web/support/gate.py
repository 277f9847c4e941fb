"""Who gets past: every view says what it needs, and one that says nothing lets nobody in.

    @blueprint.get("/offers")
    @needs(Permission.PROVIDER_OFFERS_READ)
    def offers() -> str: ...

The marks stand below the route, next to the function. What is whose is not decided here: views ask by ownership
queries, and somebody else's is not found. `tests/web/access.csv` lists every address with every role.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, request
from flask_login import current_user
from werkzeug.wrappers import Response

from app.domain.people.elevation import has_second_factor, is_elevated
from app.domain.people.permissions import Permission, Role, permissions_of, roles_of
from app.domain.team.queries import role_in_team
from app.domain.team.roles import withheld
from app.extensions import database, now
from app.web.support.next_page import keep_fields
from app.web.support.signed_in import Visitor, ask_to_elevate, ask_to_sign_in, realm_of_page
from app.web.support.typed import keep_typed

View = TypeVar("View", bound=Callable[..., Any])

# Blueprints whose pages are for everybody: guests buy, machines prove themselves by signatures, and who is not signed
# in yet has to get to where that is done. A view in them may still need something.
OPEN = frozenset({"front", "health", "public", "twins", "webhooks", "sign_in", "sign_in_back"})


class NoGate(Exception):
    """A view says neither what it needs nor that it is open to all. Programming error."""


@dataclass(frozen=True)
class Gate:
    """What a view asks of a visitor."""

    permission: Permission | None = None  # None: open to all
    also: frozenset[Permission] = frozenset()  # each of these beside it
    elevated: bool = False
    keeps: tuple[str, ...] = ()


def needs(permission: Permission, *also: Permission) -> Callable[[View], View]:
    """Only for people who are signed in, at the realm of the page, and hold this permission and all of the others."""

    def mark(view: View) -> View:
        _set(view, replace(gate_of(view) or Gate(), permission=permission, also=frozenset(also)))
        return view

    return mark


def open_to_all(view: View) -> View:
    """For everybody, signed in or not."""
    _set(view, Gate())
    return view


def elevated(view: View) -> View:
    """Beside `needs`: the person has proved who they are, with a second factor, in the last five minutes.

    Whoever has not is asked to, and comes back to the page with what was typed.
    """
    _set(view, replace(gate_of(view) or Gate(), elevated=True))
    return view


def keeps(*fields: str) -> Callable[[View], View]:
    """Beside `needs`, on a view that takes a form: whoever has to sign in again finds these short fields filled in.

    They are in the address to which the person comes back, whose view reads them from its query: never a secret.
    """

    def mark(view: View) -> View:
        _set(view, replace(gate_of(view) or Gate(), keeps=fields))
        return view

    return mark


def gate_of(view: Callable[..., Any]) -> Gate | None:
    """What the marks on a view say; None if there are none."""
    return cast("Gate | None", getattr(view, "gate", None))


def visitor() -> Visitor:
    """Who is signed in, in a view that needs something."""
    return cast("Visitor", current_user._get_current_object())  # noqa: SLF001 (Flask-Login's proxy has no other way)


def held_permissions() -> frozenset[Permission]:
    """What the visitor may do: by their roles, and as somebody of a provider's team no more than their role in it."""
    known: frozenset[Permission] | None = g.get("held_permissions")
    if known is None:
        person = visitor()
        roles = roles_of(person.person.realm, person.roles)
        known = permissions_of(roles)
        if Role.PROVIDER in roles:
            known -= withheld(role_in_team(database(), person.person.id, person.accounts))
        g.held_permissions = known
    return known


def init_app(app: Flask) -> None:
    """Every request passes here, whatever blueprint its view is in."""
    app.before_request(_let_in)


def _let_in() -> Response | None:
    if request.endpoint is None or request.method == "OPTIONS":
        return None  # no such page, or no more than the names of its methods: no view is run
    gate = gate_of(current_app.view_functions[request.endpoint])
    if gate is None and request.blueprint in OPEN:
        return None
    if gate is None or (gate.elevated and gate.permission is None):
        if current_app.testing or current_app.debug:
            raise NoGate(request.endpoint)
        abort(403)
    if gate.permission is None:
        return None
    keep_fields(gate.keeps)
    if not current_user.is_authenticated:
        return ask_to_sign_in(realm_of_page())
    person = visitor()
    if not {gate.permission, *gate.also} <= held_permissions():
        abort(403)
    # Whoever was given an administrator's role while signed in has shown no second factor yet.
    unproved = gate.permission.startswith("platform:") and not has_second_factor(person.sign_in)
    if unproved or (gate.elevated and not is_elevated(person.sign_in, now())):
        keep_typed()
        return ask_to_elevate()
    return None


def _set(view: Callable[..., Any], gate: Gate) -> None:
    view.gate = gate  # type: ignore[attr-defined]
