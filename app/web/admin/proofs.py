"""Files that show a movement of money between a buyer and a provider, for whoever mediates."""

from uuid import UUID

from flask import Response, abort

from app.domain.payments.refund_models import PaymentProof
from app.domain.people.permissions import Permission
from app.extensions import database
from app.web.admin.blueprint import blueprint
from app.web.support.gate import needs
from app.web.support.uploads import proof_response


@blueprint.get("/proofs/<uuid:proof>")
@needs(Permission.PLATFORM_PAYMENTS_READ)
def proof(proof: UUID) -> Response:
    """The file, to be kept."""
    found = database().get(PaymentProof, proof)
    if found is None:
        abort(404)
    return proof_response(found)
