"""The seller's invoices and other tax documents, for the buyer of the order."""

from uuid import UUID

from werkzeug.wrappers import Response

from app.domain.orders.queries import order_by_token
from app.domain.tax_documents.queries import document_of_order
from app.extensions import database, limiter
from app.logs import about_order
from app.web.public.blueprint import blueprint
from app.web.public.order_facts import keep_to_the_reader
from app.web.public.orders import unknown_order
from app.web.support.uploads import file_response


@blueprint.get("/orders/<token>/tax-documents/<uuid:document>")
@limiter.limit("60 per minute")
def tax_document(token: str, document: UUID) -> Response:
    """The file, to be kept."""
    order = order_by_token(database(), token)
    found = document_of_order(database(), order.id, document) if order is not None else None
    if order is None or found is None:
        return unknown_order()
    about_order(order.number)
    return keep_to_the_reader(file_response(found.content or b"", found.content_type, found.filename))
