"""The orders that one basket became: a checklist, each paid on its own."""

import hashlib

from flask import Response, make_response, render_template, request
from jinja2_fragments.flask import render_block

from app.domain.orders.queries import group_by_token
from app.extensions import database, now
from app.web.public.blueprint import blueprint
from app.web.public.order_facts import facts_of, keep_to_the_reader
from app.web.public.orders import unknown_order
from app.web.public.story.tell import tell


@blueprint.get("/order-groups/<token>")
def order_group(token: str) -> Response:
    """The checklist; for htmx only what moves, and nothing (204) where nothing has moved."""
    group = group_by_token(database(), token)
    if group is None:
        return unknown_order()
    parts = [
        (facts, tell(facts, now()))
        for facts in (facts_of(database(), order, now()) for order in group.orders)
    ]
    fingerprint = hashlib.sha256("".join(story.fingerprint for _, story in parts).encode()).hexdigest()[:16]
    shown = {
        "group": group,
        "parts": parts,
        "paid": sum(facts.order.paid_at is not None for facts, _ in parts),
        "fingerprint": fingerprint,
        "poll": min((story.poll for _, story in parts if story.poll), default=None),
        "moving": any(story.moving for _, story in parts),
    }
    if "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers:
        if request.args.get("seen") == fingerprint:
            return keep_to_the_reader(Response(status=204))
        response = make_response(render_block("public/order_group.html", "status", fragment=True, **shown))
    else:
        response = make_response(render_template("public/order_group.html", fragment=False, **shown))
    response.vary.add("HX-Request")
    return keep_to_the_reader(response)
