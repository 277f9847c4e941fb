"""The registry did not answer: ask again for the very same act, with its key."""

from uuid import UUID

from flask import abort, redirect, url_for
from werkzeug.wrappers import Response

from app.domain.mandates.queries import own_act
from app.domain.offers.draft_queries import draft_of_act
from app.domain.people.permissions import Permission
from app.extensions import database
from app.web.provider.acting import acting_provider, own_token
from app.web.provider.attempt import attempt
from app.web.provider.blueprint import blueprint
from app.web.provider.offer_publish import publish
from app.web.support.gate import needs, visitor


@blueprint.post("/mandate-acts/<uuid:act>")
@needs(Permission.PROVIDER_MANDATES_WRITE)
def ask_again(act: UUID) -> Response:
    """Only for whoever asked first: the registry keeps the key with the person."""
    provider = acting_provider()
    asked = own_act(database(), provider.id, visitor().person.id, act)
    if asked is None:
        abort(404)
    added_to = asked.added_to
    if draft := draft_of_act(database(), act):
        return publish(draft, draft.changed_at)
    attempt(act, own_token())
    if added_to is not None:
        return redirect(url_for("provider.offer", offer=added_to), 303)
    return redirect(url_for("provider.holdings"), 303)
