"""Files that show a movement of money, for the provider whose order it is about."""

from uuid import UUID

from flask import Response, abort

from app.domain.payments.proofs import proof_for_provider
from app.domain.people.permissions import Permission
from app.extensions import database
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs
from app.web.support.uploads import proof_response


@blueprint.get("/proofs/<uuid:proof>")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def proof(proof: UUID) -> Response:
    """The file, to be kept."""
    found = proof_for_provider(database(), acting_provider().id, proof)
    if found is None:
        abort(404)
    return proof_response(found)
