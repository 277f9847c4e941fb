"""Earmark units for sale here: a mandate, granted by the provider's person with their own token."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.catalogue.titles import titles_of
from app.domain.mandates.ask_to_grant import NotGrantable, ask_to_grant
from app.domain.offers.offerable import why_not_offerable
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.integrations.registry.interface import Block
from app.web.provider.acting import acting_provider, own_accounts, own_token
from app.web.provider.attempt import attempt
from app.web.provider.blueprint import blueprint
from app.web.provider.live import read_block
from app.web.support.console_words import why_not
from app.web.support.filters import tonnes
from app.web.support.gate import keeps, needs, visitor
from app.web.support.quantity import NotWholeTonnes, read_quantity

_TYPED_AT_MOST = 20  # characters that are shown again


@dataclass(frozen=True)
class _Wanted:
    """The block that the address or the form names, as the registry says now, in an account of the provider's."""

    provider: Provider
    account_id: str
    block: Block
    token: str


@blueprint.get("/mandates/new")
@needs(Permission.PROVIDER_MANDATES_WRITE)
def new_mandate() -> str:
    """The form, for `block` of `account`; `quantity` as it was typed before a detour over signing in."""
    wanted = _wanted(request.args.get("account", ""), request.args.get("block", ""))
    return _page(wanted, request.args.get("quantity", ""), uuid4())


@blueprint.post("/mandates/new")
@needs(Permission.PROVIDER_MANDATES_WRITE)
@keeps("quantity")
def grant_mandate() -> Response | tuple[str, int]:
    """Ask the registry. `key` came with the form, so that sending it twice asks once."""
    typed, key = request.form.get("quantity", ""), _uuid(request.form.get("key", ""))
    wanted = _wanted(request.form.get("account", ""), request.form.get("block", ""))
    if key is None:
        abort(400)
    try:
        quantity = read_quantity(typed)
        act = ask_to_grant(
            database(),
            key,
            wanted.provider,
            visitor().person.id,
            wanted.account_id,
            wanted.block,
            quantity,
            now(),
        )
    except NotWholeTonnes as error:
        return _page(wanted, typed, key, str(error)), 422
    except NotGrantable as error:
        database().rollback()
        # A key that stands for something else is of no use to this form any more.
        key = uuid4() if error.code == "another_act" else key
        return _page(wanted, typed, key, _refusal(error)), 422
    database().commit()
    attempt(act.id, wanted.token)
    return redirect(url_for("provider.holdings"), 303)


def _wanted(account_id: str, block_id: str) -> _Wanted:
    provider = acting_provider()
    if account_id not in own_accounts(provider):
        abort(404)
    token = own_token()
    block = read_block(token, account_id, block_id)
    if block is None:
        abort(404)
    return _Wanted(provider, account_id, block, token)


def _page(wanted: _Wanted, typed: str, key: UUID, error: str = "") -> str:
    block = wanted.block
    against = why_not_offerable(block) or ("suspended" if wanted.provider.state == "suspended" else None)
    return render_template(
        "provider/new_mandate.html",
        provider=wanted.provider,
        account_id=wanted.account_id,
        block=block,
        title=titles_of(database(), {block.activity_ref}).get(block.activity_ref, block.activity_ref),
        against=why_not(against) if against else "",
        typed=typed[:_TYPED_AT_MOST],
        key=key,
        # Where there is no field any more, the page says why not by itself.
        errors={"quantity": error} if error and not against else {},
    )


def _refusal(error: NotGrantable) -> str:
    if error.code == "too_few":
        return _("Write how many tonnes: 1 or more.")
    if error.code == "too_many":
        return _("This block has %(units)s free. Write that or less.", units=tonnes(error.most))
    if error.code == "another_act":
        return _(
            "This form was sent before with another quantity. Look at your mandates, then send it again."
        )
    return why_not(error.code)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
