"""What several forms ask for alike: countries, e-mail addresses, and names that a certificate can print."""

from uuid import UUID

from babel import Locale
from email_validator import EmailNotValidError, validate_email
from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms.validators import ValidationError

from app.domain.catalogue.search_text import fold
from app.domain.orders.details import EMAIL_MAX, NAME_MAX, plain_line
from app.extensions import neighbours
from app.integrations.documents.interface import clean_text
from app.web.support.filters import number

# Regions of CLDR that are no countries of ISO 3166-1.
_NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}


def a_uuid(text: str) -> UUID | None:
    """An id as an address has it; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def one_line(text: str | None) -> str:
    """As the certificate would print it: one clean line."""
    return clean_text(plain_line(text or ""))


def countries() -> list[tuple[str, str]]:
    """Code and name of every country of ISO 3166-1, by name, in the reader's language."""
    locale = get_locale() or Locale("en")
    names = [
        (code, str(name))
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    ]
    return sorted(names, key=lambda country: fold(country[1]))


def checked_country(code: str | None) -> str:
    """A code of `countries`. ValidationError."""
    if code is None or code not in dict(countries()):
        raise ValidationError(_("Choose the country."))
    return code


def checked_email(typed: str) -> str:
    """The address as it is written to. ValidationError for what is none."""
    try:
        # Letters beyond ASCII before the @ cannot be delivered to by many mail servers.
        found = validate_email(typed, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValidationError(
            _("This is no e-mail address that we can write to. It looks like name@example.org.")
        ) from error
    if len(found.normalized) > EMAIL_MAX:
        raise ValidationError(_("This e-mail address is too long to be one."))
    return str(found.normalized)


def check_name_length(name: str) -> None:
    """ValidationError for a name that the registry would not take."""
    if len(name) > NAME_MAX:
        raise ValidationError(
            _(
                "This name has %(length)s characters. The registry takes %(most)s at most.",
                length=number(len(name)),
                most=number(NAME_MAX),
            )
        )


def check_printable(text: str) -> None:
    """ValidationError for what a certificate cannot print."""
    if missing := neighbours().certificates.missing_characters(text):
        shown = ", ".join(f"{character} ({_code_point(character)})" for character in missing)
        raise ValidationError(
            _(
                "The certificate cannot print these characters: %(characters)s. Write it without them.",
                characters=shown,
            )
        )


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
