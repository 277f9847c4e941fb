"""What the certificate says, where it goes and how it is paid, as the buyer types it."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, Optional, ValidationError

from app.domain.orders.details import REASON_MAX, Details
from app.domain.people.account_models import SavedBeneficiary
from app.i18n import LANGUAGES
from app.web.support.fields import (
    check_name_length,
    check_printable,
    checked_country,
    checked_email,
    one_line,
)
from app.web.support.filters import number

# Organisations are named, people stay anonymous, unless they say otherwise.
_DEFAULT_DISCLOSURE = {"organisation": "public", "individual": "anonymous"}


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
    beneficiary_name = StringField(filters=[one_line])
    beneficiary_country = SelectField(validate_choice=False)
    purpose = SelectField(validate_choice=False)
    reason = TextAreaField(filters=[one_line])
    email = StringField(filters=[one_line])
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

    def take(self, saved: SavedBeneficiary) -> None:
        """A name that was saved before, in place of what was typed."""
        self.beneficiary_type.data = saved.kind.value
        self.disclosure.data = "public"
        self.beneficiary_name.data = saved.name
        self.beneficiary_country.data = saved.country

    def validate_beneficiary_name(self, field: Field) -> None:
        if self.disclosure.data != "public":
            return  # not printed, not kept
        if not field.data:
            raise ValidationError(
                _("Enter the name that the certificate should show, or choose to stay anonymous.")
            )
        check_name_length(field.data)
        check_printable(field.data)

    def validate_beneficiary_country(self, field: Field) -> None:
        checked_country(field.data)

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
        check_printable(field.data)

    def validate_email(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Enter the e-mail address to which the certificate should go."))
        field.data = checked_email(field.data)

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
