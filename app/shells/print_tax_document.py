"""Print a tax document that has its number: facts frozen before, PDF rendered outside any transaction, stored once."""

from uuid import UUID

from app.domain.tax_documents.facts import from_json
from app.domain.tax_documents.keep_tax_pdf import keep_tax_pdf
from app.domain.tax_documents.models import TaxDocument
from app.logs import about_order
from app.shells.works import Works


def print_tax_document(works: Works, document_id: UUID) -> None:
    """The PDF of a document, once. Run again after a crash it gives the same document."""
    with works.sessions() as session:
        document = session.get_one(TaxDocument, document_id)
        about_order(document.order.number)
        facts = document.facts
        if document.sha256 is not None or facts is None:
            return
    pdf = works.neighbours.tax_documents.render(from_json(facts))
    with works.sessions.begin() as session:
        keep_tax_pdf(session, document_id, pdf, works.now())
