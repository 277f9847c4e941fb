"""An order's tax documents on pages, and what may be done about them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.domain.orders.models import Order
from app.domain.tax_documents.add_tax_document import can_add
from app.domain.tax_documents.make_tax_document import can_make
from app.domain.tax_documents.models import TaxDocument
from app.domain.tax_documents.queries import documents_of


@dataclass(frozen=True)
class DocumentsShown:
    """`listed`: also those that are not printed yet. `newest`: the number of the last that was made here, or ""."""

    listed: Sequence[TaxDocument]
    can_add: bool
    can_make: bool
    newest: str


def documents_shown(session: Session, order: Order) -> DocumentsShown:
    """Read them."""
    listed = documents_of(session, order.id)
    numbers = [each.number for each in listed if each.number is not None]
    return DocumentsShown(listed, can_add(order), can_make(order), numbers[-1] if numbers else "")


def detail_words(name: str) -> str:
    """What an invoice needs of a provider, within a list; `name` as `missing_details` says it."""
    return {
        "legal_name": _("your legal name"),
        "street": _("street and number"),
        "town": _("town"),
        "tax_id": _("tax number"),
    }[name]
