"""When two e-mail addresses are the same: for claiming orders, for invitations, for erasing."""

from sqlalchemy import ColumnElement, false, func
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.people.models import Person


def folded(address: str) -> str:
    """The form in which addresses are compared.

    Letter case does not count, in ASCII only: beyond it lower case makes one letter of two (K and the Kelvin sign).
    Dots and +tags count: only some mail services ignore them, and elsewhere they are other people's mailboxes.
    """
    return address.lower() if address.isascii() else address


def same_address(one: str, other: str) -> bool:
    """Do both lead to one mailbox, as far as can be told? No address is the same as none."""
    return bool(one) and folded(one) == folded(other)


def address_is(column: ColumnElement[str] | InstrumentedAttribute[str], address: str) -> ColumnElement[bool]:
    """The same as a condition of a query; it is never true for no address."""
    if not address:
        return false()
    return func.lower(column) == folded(address) if address.isascii() else column == address


def proved_by(column: ColumnElement[str] | InstrumentedAttribute[str], person: Person) -> ColumnElement[bool]:
    """A column that holds the address which the person has proved to be theirs; never, as long as they have not."""
    return address_is(column, person.email) if person.email_verified else false()
