"""Issue an order's certificate: facts frozen, PDF rendered outside any transaction, stored once, mailed."""

from uuid import UUID

from app.domain.certificates.issue_certificate import issue_certificate, keep_pdf
from app.domain.certificates.json_twin import from_json
from app.logs import about_order
from app.shells.works import Works


def certify(works: Works, order_id: UUID) -> None:
    """The certificate of a completed order, once. Run again after a crash it gives the same document."""
    with works.sessions.begin() as session:
        certificate = issue_certificate(session, order_id, works.settings.public_url, works.now())
        about_order(certificate.order.number)
    if certificate.pdf_sha256 is not None:
        return
    data = from_json(certificate.json_twin)
    pdf = works.neighbours.certificates.render(data, certificate.json_twin)
    with works.sessions.begin() as session:
        keep_pdf(session, certificate.id, pdf, works.now())
