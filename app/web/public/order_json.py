"""An order for programs: the same facts as on its page, money as text."""

from typing import Any

from flask import Response, abort, jsonify, url_for

from app.domain.cancellations.models import Cancellation
from app.domain.certificates.models import Certificate
from app.domain.orders.models import OrderLine, OrderState
from app.domain.orders.queries import order_by_token
from app.extensions import database, now
from app.web.public.blueprint import without_language
from app.web.public.order_facts import OrderFacts, facts_of, keep_to_the_reader


@without_language.get("/orders/<token>.json")
def order_json(token: str) -> Response:
    """`certificate` is null until its PDF is there. Times are RFC 3339 in UTC."""
    order = order_by_token(database(), token)
    if order is None:
        abort(404)
    facts = facts_of(database(), order, now())
    waits = order.state == OrderState.AWAITING_PAYMENT
    answer = jsonify(
        number=order.number,
        state=order.state,
        lines=[_line(line, facts.cancellations.get(line.id)) for line in order.lines],
        total=f"{order.total.amount:f}",
        currency=order.currency,
        hold_until=order.hold_until.isoformat() if waits else None,
        certificate=_certificate(facts, facts.certificate) if facts.certificate else None,
    )
    return keep_to_the_reader(answer)


def _line(line: OrderLine, cancellation: Cancellation | None) -> dict[str, Any]:
    block = line.offer.mandate.block
    return {
        "activity_ref": block.activity_ref,
        "title": block.activity.title,
        "vintage": block.vintage,
        "unit_class": block.unit_class,
        "quantity": line.quantity,
        "unit_price": f"{line.price.amount:f}",
        "currency": line.price.currency,
        "total": f"{line.total.amount:f}",
        "cancellation": _cancellation(cancellation) if cancellation else None,
    }


def _cancellation(cancellation: Cancellation) -> dict[str, Any]:
    completed = cancellation.completed_at
    return {
        "id": cancellation.client_reference,
        "state": cancellation.state,
        "registry_cancellation_id": cancellation.registry_id,
        "serial_ranges": [
            {
                "prefix": span.prefix,
                "start": span.start,
                "end": span.end,
                "count": span.count,
                "printed": span.printed,
            }
            for span in cancellation.serial_ranges
        ],
        "completed_at": completed.isoformat() if completed else None,
    }


def _certificate(facts: OrderFacts, certificate: Certificate) -> dict[str, str]:
    def address(endpoint: str, **values: str) -> str:
        return url_for(endpoint, code=certificate.code, _external=True, **values)

    own = url_for("twins.order_certificate", token=facts.order.token, _external=True)
    return {
        "number": certificate.number,
        "code": certificate.code,
        "url": address("public.certificate", lang_code=facts.order.language),
        "pdf": own if facts.withheld else address("twins.certificate_pdf"),
        "json": address("twins.certificate_json"),
    }
