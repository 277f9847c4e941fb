"""A provider is told of a live block what the catalogue will say of it once it is on sale."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer
from app.domain.offers.offerable import why_not_offerable
from app.domain.offers.sellable import is_sellable
from app.domain.people.models import Provider
from app.integrations.registry import interface as registry
from app.integrations.registry.fake_samples import sample_mandate
from app.integrations.registry.interface import Authorization
from tests.factories import NOW, make_mandate, make_offer, make_provider

USES = [(), ("NDC",), ("IMP",), ("OP",), ("IMP", "OP"), ("NDC", "IMP")]
KINDS = list(product(["AER", "MCER"], ["authorized", "not_authorized", "revoked", "unknown"], USES))


def block_of(
    unit_class: str = "AER",
    status: str = "active",
    free: int = 10,
    authorized: str = "authorized",
    uses: tuple[str, ...] = ("OP",),
) -> registry.Block:
    sample = sample_mandate(
        1, 10, (1, 10), NOW, activity_ref="A6.4-MW-001042", unit_class="AER", uses=(), vintage=2025
    ).block
    return replace(
        sample,
        unit_class=unit_class,
        status=status,
        quantity_available=free,
        authorization=Authorization(authorized, uses),
    )


@pytest.mark.parametrize(
    "block, code",
    [
        (block_of(), None),
        (block_of("MCER", authorized="not_authorized", uses=()), None),
        (block_of("MCER"), "authorization_unknown"),
        (block_of(authorized="revoked"), "authorization_revoked"),
        (block_of(authorized="unknown"), "authorization_unknown"),
        (block_of(authorized="not_authorized"), "not_authorized"),
        (block_of(status="frozen"), "frozen"),
        (block_of(status="moved"), "moved"),
        (block_of(free=0), "nothing_free"),
        (block_of(uses=("NDC",)), "ndc_only"),
        (block_of(uses=("IMP",)), "imp_only"),
        (block_of(uses=("NDC", "IMP")), "no_other_purposes"),
        (block_of(uses=()), "no_other_purposes"),
    ],
)
def test_each_reason_has_its_code(block, code):
    assert why_not_offerable(block) == code


def test_what_may_be_offered_is_what_may_be_sold(session: Session):
    provider = make_provider(session)
    found = {}
    for unit_class, status, uses in KINDS:
        for block_status in ("active", "frozen"):
            authorization = Authorization(status, uses)
            mandate = make_mandate(
                session,
                provider,
                unit_class=unit_class,
                block={"authorization": authorization, "status": block_status},
            )
            offer = make_offer(session, provider=provider, mandate=mandate)
            sellable = session.scalar(
                select(is_sellable(datetime.now(UTC)))
                .select_from(Offer)
                .join(Provider, Provider.id == Offer.provider_id)
                .join(Mandate, Mandate.mandate_id == Offer.mandate_id)
                .join(Block, Block.block_id == Mandate.block_id)
                .join(Activity, Activity.activity_ref == Block.activity_ref)
                .where(Offer.id == offer.id)
            )
            live = block_of(unit_class, block_status, authorized=status, uses=uses)
            found[unit_class, status, uses, block_status] = (why_not_offerable(live) is None, sellable)
    assert {kind: pair for kind, pair in found.items() if pair[0] is not pair[1]} == {}
    assert {pair[0] for pair in found.values()} == {True, False}
