"""Everything that is known of an order, as one file to answer a dispute with."""

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Response, abort

from app.domain.certificates.queries import certificate_of
from app.domain.orders.own_orders import own_order
from app.domain.payments.evidence import evidence_of
from app.domain.people.permissions import Permission
from app.extensions import database, now, works
from app.logs import about_order
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs


@blueprint.get("/orders/<number>/evidence")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def evidence(number: str) -> Response:
    """`evidence.json`, and the certificate where there is one."""
    session, provider = database(), acting_provider()
    order = own_order(session, provider.id, number)
    if order is None:
        abort(404)
    about_order(order.number)
    record = evidence_of(session, order, works().settings.public_url, now())
    certificate = certificate_of(session, order.id)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        file.writestr("evidence.json", json.dumps(record, ensure_ascii=False, indent=2) + "\n")
        if certificate is not None and certificate.pdf is not None:
            file.writestr(certificate.filename, certificate.pdf)
            file.writestr(certificate.filename.removesuffix(".pdf") + ".json", certificate.json_twin)
    return Response(
        packed.getvalue(),
        mimetype="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="evidence-{order.number}.zip"',
            "Cache-Control": "private, no-store",
        },
    )
