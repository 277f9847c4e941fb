"""Tax documents of any order, for administrators."""

from uuid import UUID

from flask import Response, abort

from app.domain.people.permissions import Permission
from app.domain.tax_documents.queries import document_for_administrators
from app.extensions import database
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs
from app.web.support.uploads import file_response


@blueprint.get("/tax-documents/<uuid:document>")
@needs(Permission.PLATFORM_ORDERS_READ)
def tax_document(document: UUID) -> Response:
    """The file, to be kept."""
    found = document_for_administrators(database(), document)
    if found is None:
        abort(404)
    return file_response(found.content or b"", found.content_type, found.filename)
