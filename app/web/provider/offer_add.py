"""Add units of the same block to an offer: earmarked with the person's own token, and on sale on the same terms at once."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.mandates.ask_to_grant import NotGrantable
from app.domain.offers.add_units import NotAddable, ask_to_add
from app.domain.offers.offerable import why_not_offerable
from app.domain.offers.own_offers import OwnSeries
from app.domain.people.models import Provider
from app.domain.people.permissions import Permission
from app.extensions import database, now
from app.integrations.registry.interface import Block
from app.web.provider.acting import own_accounts, own_token
from app.web.provider.attempt import attempt
from app.web.provider.blueprint import blueprint
from app.web.provider.live import read_block
from app.web.provider.offer import own_series
from app.web.support.console_words import why_not
from app.web.support.filters import tonnes
from app.web.support.gate import keeps, needs, visitor
from app.web.support.quantity import NotWholeTonnes, read_quantity

_TYPED_AT_MOST = 20  # characters that are shown again


@dataclass(frozen=True)
class _Wanted:
    """An offer of the provider's and its block as the registry says now; None where the account holds it no more."""

    provider: Provider
    series: OwnSeries
    block: Block | None
    token: str


@blueprint.get("/offers/<uuid:offer>/units")
@needs(Permission.PROVIDER_OFFERS_WRITE, Permission.PROVIDER_MANDATES_WRITE)
def units_to_add(offer: UUID) -> str:
    """The form; `quantity` as it was typed before a detour over signing in."""
    return _page(_wanted(offer), request.args.get("quantity", ""), uuid4())


@blueprint.post("/offers/<uuid:offer>/units")
@needs(Permission.PROVIDER_OFFERS_WRITE, Permission.PROVIDER_MANDATES_WRITE)
@keeps("quantity")
def add_units(offer: UUID) -> Response | tuple[str, int]:
    """Ask the registry. `key` came with the form, so that sending it twice asks once."""
    typed, wanted = request.form.get("quantity", ""), _wanted(offer)
    try:
        key = UUID(request.form.get("key", ""))
    except ValueError:
        abort(400)
    if wanted.block is None:
        return _page(wanted, typed, key), 422
    try:
        quantity = read_quantity(typed)
        act = ask_to_add(
            database(), key, wanted.provider, visitor().person.id, offer, wanted.block, quantity, now()
        )
    except NotWholeTonnes as error:
        return _page(wanted, typed, key, str(error)), 422
    except (NotGrantable, NotAddable) as error:
        database().rollback()
        # A key that stands for something else is of no use to this form any more.
        return _page(wanted, typed, uuid4() if error.code == "another_act" else key, _refusal(error)), 422
    database().commit()
    attempt(act.id, wanted.token)
    return redirect(url_for("provider.offer", offer=offer), 303)


def _wanted(offer_id: UUID) -> _Wanted:
    provider, series = own_series(offer_id)
    mandate = series.head.offer.mandate
    account_id, block_id = mandate.account_id, mandate.block_id
    if account_id not in own_accounts(provider):
        abort(404)
    token = own_token()
    return _Wanted(provider, series, read_block(token, account_id, block_id), token)


def _page(wanted: _Wanted, typed: str, key: UUID, error: str = "") -> str:
    against = why_not_offerable(wanted.block) if wanted.block else "moved"
    return render_template(
        "provider/offer_add.html",
        provider=wanted.provider,
        series=wanted.series,
        offer=wanted.series.head.offer,
        block=wanted.block,
        against=why_not(against) if against else "",
        typed=typed[:_TYPED_AT_MOST],
        key=key,
        errors={"quantity": error} if error and not against else {},
    )


def _refusal(error: NotGrantable | NotAddable) -> str:
    if error.code == "too_few":
        return _("Write how many tonnes: 1 or more.")
    if isinstance(error, NotGrantable) and error.code == "too_many":
        return _("This block has %(units)s free. Write that or less.", units=tonnes(error.most))
    if error.code == "another_act":
        return _("This form was sent before with another quantity. Look at the offer, then send it again.")
    if isinstance(error, NotGrantable):
        return why_not(error.code)
    if error.code == "below_least":
        return _(
            "Nobody could order so few: you sell %(units)s or more in one order.", units=tonnes(error.least)
        )
    return _("Units can be added to an offer that is published, paused or sold out only.")
