"""What the certificate says, where it goes and how it is paid, as the buyer types it."""

from collections.abc import Sequence
from typing import Any

from babel import Locale
from email_validator import EmailNotValidError, validate_email
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, Optional, ValidationError

from app.domain.catalogue.search_text import fold
from app.domain.orders.claims import unsupported_claim
from app.domain.orders.details import EMAIL_MAX, NAME_MAX, REASON_MAX, Details, plain_line
from app.extensions import neighbours
from app.i18n import LANGUAGES
from app.integrations.documents.interface import clean_text
from app.web.support.filters import number

# Regions of CLDR that are no countries of ISO 3166-1.
_NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
# Organisations are named, people stay anonymous, unless they say otherwise.
_DEFAULT_DISCLOSURE = {"organisation": "public", "individual": "anonymous"}


def _line(text: str | None) -> str:
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


class DetailsForm(FlaskForm):
    """The fields in the order of the page, so that the list of errors has the same order."""

    class Meta:
        csrf = False  # looked at before any view, for every form alike

    beneficiary_type = RadioField(
        validate_choice=False,
        validators=[
            AnyOf(
                ("organisation", "individual"),
                message=_l("Say whether the certificate is for an organisation or a person."),
            )
        ],
    )
    disclosure = RadioField(
        validate_choice=False,
        validators=[
            Optional(),
            AnyOf(("public", "anonymous"), message=_l("Say whether the name may be public.")),
        ],
    )
    beneficiary_name = StringField(filters=[_line])
    beneficiary_country = SelectField(validate_choice=False)
    purpose = SelectField(validate_choice=False)
    reason = TextAreaField(filters=[_line])
    email = StringField(filters=[_line])
    certificate_language = RadioField(
        validate_choice=False,
        validators=[AnyOf(LANGUAGES, message=_l("Choose the language of the certificate."))],
    )
    method = RadioField(validate_choice=False)

    def __init__(self, methods: Sequence[str], purposes: Sequence[str], **values: Any) -> None:
        """`methods`: codes of the gateways that every seller in the basket can be paid by. `purposes`: those
        that can be stated for all units in it.
        """
        self.methods = methods
        self.purposes = purposes
        super().__init__(**values)

    def validate(self, extra_validators: Any = None) -> bool:
        """See WTForms; afterwards `disclosure` has its default if nothing was chosen."""
        if not self.disclosure.data:
            self.disclosure.data = _DEFAULT_DISCLOSURE.get(self.beneficiary_type.data)
        return bool(super().validate(extra_validators))

    def validate_beneficiary_name(self, field: Field) -> None:
        if self.disclosure.data != "public":
            return  # not printed, not kept
        if not field.data:
            raise ValidationError(
                _("Enter the name that the certificate should show, or choose to stay anonymous.")
            )
        if len(field.data) > NAME_MAX:
            raise ValidationError(
                _(
                    "This name has %(length)s characters. The registry takes %(most)s at most.",
                    length=number(len(field.data)),
                    most=number(NAME_MAX),
                )
            )
        _check_text(field.data)

    def validate_beneficiary_country(self, field: Field) -> None:
        if field.data not in dict(countries()):
            raise ValidationError(_("Choose the country."))

    def validate_purpose(self, field: Field) -> None:
        if field.data not in self.purposes:
            raise ValidationError(_("Choose what the cancellation is for."))

    def validate_reason(self, field: Field) -> None:
        if len(field.data) > REASON_MAX:
            raise ValidationError(
                _(
                    "This reason has %(length)s characters. The registry takes %(most)s at most.",
                    length=number(len(field.data)),
                    most=number(REASON_MAX),
                )
            )
        _check_text(field.data)

    def validate_email(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Enter the e-mail address to which the certificate should go."))
        try:
            # Letters beyond ASCII before the @ cannot be delivered to by many mail servers.
            found = validate_email(field.data, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError as error:
            raise ValidationError(
                _("This is no e-mail address that we can write to. It looks like name@example.org.")
            ) from error
        if len(found.normalized) > EMAIL_MAX:
            raise ValidationError(_("This e-mail address is too long to be one."))
        field.data = found.normalized

    def validate_method(self, field: Field) -> None:
        if field.data not in self.methods:
            raise ValidationError(_("Choose how you would like to pay."))

    def details(self) -> Details:
        """What was typed, once it is valid. An anonymous beneficiary's name is not kept."""
        public = self.disclosure.data == "public"
        return Details(
            email=self.email.data,
            beneficiary_type=self.beneficiary_type.data,
            beneficiary_name=self.beneficiary_name.data if public else None,
            beneficiary_country=self.beneficiary_country.data,
            disclosure=self.disclosure.data,
            purpose=self.purpose.data,
            reason=self.reason.data or None,
            certificate_language=self.certificate_language.data,
        )


def _check_text(text: str) -> None:
    """ValidationError for what a certificate cannot print or must not say."""
    if missing := neighbours().certificates.missing_characters(text):
        shown = ", ".join(f"{character} ({_code_point(character)})" for character in missing)
        raise ValidationError(
            _(
                "The certificate cannot print these characters: %(characters)s. Write it without them.",
                characters=shown,
            )
        )
    if claim := unsupported_claim(text):
        raise ValidationError(
            _(
                "Leave out “%(claim)s”. A cancellation does not make anybody or anything neutral, and European law "
                "(Directive (EU) 2024/825) bans such claims about products since September 2026.",
                claim=claim,
            )
        )


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
