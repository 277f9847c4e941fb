"""Who the provider is: names, address, contact."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from app.domain.people.change_provider_profile import (
    ProfileLocked,
    ProviderProfile,
    change_provider_profile,
    may_rename,
)
from app.domain.people.models import Provider, ProviderState
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.fields import checked_country, checked_email, countries, one_line
from app.web.support.gate import keeps, needs, visitor

FIELDS = (
    "legal_name",
    "display_name",
    "country",
    "street",
    "postcode",
    "town",
    "registration_number",
    "tax_id",
    "contact_name",
    "contact_email",
    "website",
)
MOST = 200  # characters of a field


@blueprint.get("/profile")
@needs(Permission.PROVIDER_PROFILE_READ)
def profile() -> str:
    """As it is; or as it was typed, before signing in again."""
    provider = acting_provider()
    typed = {name: request.args.get(name, getattr(provider, name) or "") for name in FIELDS}
    return _page(provider, typed, {})


@blueprint.post("/profile")
@needs(Permission.PROVIDER_PROFILE_WRITE)
@keeps(*FIELDS)
def change_profile() -> Response | tuple[str, int]:
    """All of it, or nothing."""
    provider, session = acting_provider(), database()
    typed = {name: one_line(request.form.get(name, ""))[: MOST + 1] for name in FIELDS}
    if not may_rename(provider):  # the form does not ask for them
        typed |= {"legal_name": provider.legal_name, "country": provider.country}
    values, errors = _checked(typed)
    if errors:
        return _page(provider, typed, errors), 422
    try:
        change_provider_profile(session, provider.id, ProviderProfile(**values), visitor().person.id, now())
        session.commit()
    except ProfileLocked:
        session.rollback()
        flash(_("Administrators are looking at it: nothing can be changed until they have decided."), "wait")
        return redirect(url_for("provider.profile"), 303)
    flash(_("Saved."), "done")
    return redirect(url_for("provider.home"), 303)


def _checked(typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Values, and what is wrong with which field."""
    values: dict[str, Any] = {name: text or None for name, text in typed.items()}
    errors = {
        name: _("Write %(most)s characters at most.", most=MOST)
        for name, text in typed.items()
        if len(text) > MOST
    }
    wanted = {
        "legal_name": _("Enter the legal name, as your registration has it."),
        "display_name": _("Enter the name that buyers see."),
        "street": _("Enter street and number, or what your letters carry instead."),
        "town": _("Enter the town."),
        "contact_name": _("Enter who answers for you."),
    }
    errors |= {name: words for name, words in wanted.items() if not values[name]}
    checks: dict[str, Callable[[str], str]] = {
        "country": checked_country,
        "contact_email": checked_email,
        "website": _checked_website,
    }
    for name, check in checks.items():
        if typed[name] or name != "website":
            try:
                values[name] = check(typed[name])
            except ValidationError as error:
                errors[name] = str(error)
    return values, errors


def _checked_website(typed: str) -> str:
    """An address that a page may link to. ValidationError."""
    try:
        parts = urlsplit(typed)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or "." not in (parts.hostname or ""):
        raise ValidationError(_("Enter the whole address, such as https://www.example.org."))
    return typed


def _page(provider: Provider, typed: Mapping[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "provider/profile.html",
        provider=provider,
        typed=typed,
        errors=errors,
        renames=may_rename(provider),
        locked=provider.state == ProviderState.IN_REVIEW,
        countries=countries(),
        most=MOST,
    )
