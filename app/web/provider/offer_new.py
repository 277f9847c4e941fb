"""Begin an offer: of free units of a block, or of what a mandate has earmarked already."""

from uuid import UUID, uuid4

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.mandates.queries import own_mandates
from app.domain.offers.save_draft import Place
from app.domain.people.permissions import Permission
from app.extensions import database
from app.web.provider.acting import acting_provider, own_accounts
from app.web.provider.blueprint import blueprint
from app.web.provider.offer_draft import keep_and_go_on
from app.web.provider.offer_form import FIELDS, offer_form
from app.web.provider.offer_units import units_at
from app.web.support.gate import keeps, needs


@blueprint.get("/offers/new")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def new_offer() -> str:
    """The form, for `block` of `account` or for `mandate`; fields as they were typed before a detour over signing in."""
    args = request.args
    units = units_at(args.get("account", ""), args.get("block", ""), args.get("mandate"))
    if units.block is None:
        abort(404)
    return offer_form(units, {name: args.get(name, "") for name in FIELDS}, uuid4())


@blueprint.post("/offers/new")
@needs(Permission.PROVIDER_OFFERS_WRITE)
@keeps(*FIELDS)
def begin_offer() -> Response | tuple[str, int]:
    """Keep a draft. `key` came with the form, so that sending it twice makes one."""
    try:
        key = UUID(request.form.get("key", ""))
    except ValueError:
        abort(400)
    return keep_and_go_on(key, _place())


@blueprint.get("/mandates/new")
@needs(Permission.PROVIDER_OFFERS_WRITE)
def new_mandate() -> Response:
    """Where units were earmarked before it was one flow."""
    account, block = request.args.get("account"), request.args.get("block")
    return redirect(url_for("provider.new_offer", account=account, block=block), 301)


def _place() -> Place:
    """Before the registry is asked: what was typed is kept whether it answers or not."""
    form, provider = request.form, acting_provider()
    own = own_accounts(provider)
    if mandate_id := form.get("mandate"):
        found = own_mandates(database(), provider.id, own, mandate_id)
        if not found:
            abort(404)
        mandate = found[0].mandate
        return Place(mandate.account_id, mandate.block_id, mandate.block.activity_ref, mandate_id)
    if form.get("account") not in own:
        abort(404)
    return Place(form["account"], form.get("block", ""), form.get("activity", ""))
