"""Units of which an offer is to be made: as the registry says now, or as a mandate has earmarked them."""

from dataclasses import dataclass

from flask import abort

from app.domain.catalogue import models as catalogue
from app.domain.catalogue.titles import titles_of
from app.domain.mandates.queries import own_mandates, why_not_free
from app.domain.offers.offerable import why_not_offerable
from app.domain.offers.save_draft import Place
from app.domain.offers.terms_models import OfferDraft
from app.extensions import database, now
from app.integrations.registry.interface import Block
from app.web.provider.acting import acting_provider, own_accounts, own_token
from app.web.provider.live import read_block


@dataclass(frozen=True)
class Units:
    """Where they are, and how many can be offered. `against`: why they may not be; `block` is None where it is gone."""

    place: Place
    block: Block | catalogue.Block | None
    serial: str
    free: int
    against: str | None

    @property
    def title(self) -> str:
        """Of the project, or its reference while that has not been read."""
        reference = self.place.activity_ref
        return titles_of(database(), {reference}).get(reference, reference)


def units_at(account_id: str, block_id: str, mandate_id: str | None, activity_ref: str = "") -> Units:
    """Free units of a block, or those of a mandate; both of the provider's own accounts, or there is nothing (404).

    Without a mandate it ends the request's transaction. TryAgain, TokenRefused.
    """
    provider = acting_provider()
    own = own_accounts(provider)
    if mandate_id is not None:
        found = own_mandates(database(), provider.id, own, mandate_id)
        return _of_mandate(found[0].mandate) if found else abort(404)
    if account_id not in own:
        abort(404)
    block = read_block(own_token(), account_id, block_id)
    if block is None:
        return Units(Place(account_id, block_id, activity_ref), None, "", 0, "moved")
    place = Place(account_id, block_id, block.activity_ref)
    return Units(place, block, block.serial.printed, block.quantity_available, why_not_offerable(block))


def units_of(draft: OfferDraft) -> Units:
    """Those of a draft."""
    return units_at(draft.account_id, draft.block_id, draft.mandate_id, draft.activity_ref)


def _of_mandate(mandate: catalogue.Mandate) -> Units:
    against, free = why_not_free(database(), mandate, now())
    block = mandate.block
    place = Place(mandate.account_id, block.block_id, block.activity_ref, mandate.mandate_id)
    return Units(place, block, block.serial_printed, free, against)
