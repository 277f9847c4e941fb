"""The forms of the account, as people fill them in."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, StringField
from wtforms.validators import AnyOf, ValidationError

from app.domain.people.account_models import MemberRole
from app.domain.people.models import PersonKind
from app.i18n import LANGUAGES
from app.web.support.fields import (
    check_name_length,
    check_printable,
    checked_country,
    checked_email,
    one_line,
)

KINDS = tuple(kind.value for kind in PersonKind)


class _Form(FlaskForm):
    class Meta:
        csrf = False  # looked at before any view, for every form alike


class ProfileForm(_Form):
    """Who somebody is."""

    name = StringField(filters=[one_line])
    kind = RadioField(
        validate_choice=False,
        validators=[AnyOf(("", *KINDS), message=_l("Say for whom you buy."))],
        default="",
    )
    country = SelectField(validate_choice=False)
    language = RadioField(
        validate_choice=False, validators=[AnyOf(LANGUAGES, message=_l("Choose the language of our mails."))]
    )

    def validate_name(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Enter the name by which we may call you."))
        check_name_length(field.data)

    def validate_country(self, field: Field) -> None:
        if field.data:
            checked_country(field.data)


class OrganisationForm(_Form):
    """What an organisation is called."""

    name = StringField(filters=[one_line])
    country = SelectField(validate_choice=False)

    def validate_name(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Enter the organisation’s name."))
        check_name_length(field.data)

    def validate_country(self, field: Field) -> None:
        checked_country(field.data)


class InviteForm(_Form):
    """Who should join, and as what."""

    email = StringField(filters=[one_line])
    role = RadioField(
        validate_choice=False,
        validators=[
            AnyOf(tuple(role.value for role in MemberRole), message=_l("Say what they should be able to do."))
        ],
    )

    def validate_email(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Enter the e-mail address of your colleague."))
        field.data = checked_email(field.data)


class BeneficiaryForm(_Form):
    """A name for certificates."""

    kind = RadioField(
        validate_choice=False,
        validators=[AnyOf(KINDS, message=_l("Say whether it is the name of an organisation or a person."))],
    )
    name = StringField(filters=[one_line])
    country = SelectField(validate_choice=False)
    owner = SelectField(validate_choice=False, default="")

    def __init__(self, owners: list[str], **values: Any) -> None:
        """`owners`: ids of the organisations for which the visitor may save names; "" stands for the visitor."""
        self.owners = owners
        super().__init__(**values)

    def validate_name(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Enter the name that certificates should show."))
        check_name_length(field.data)
        check_printable(field.data)

    def validate_country(self, field: Field) -> None:
        checked_country(field.data)
