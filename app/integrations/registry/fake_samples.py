"""Activities and mandates that are visibly made up, for the fake registry."""

from datetime import date, datetime

from app.integrations.registry.fake_rules import Span, serial_range
from app.integrations.registry.interface import Activity, Authorization, Block, Mandate


def sample_activity(activity_ref: str, now: datetime) -> Activity:
    """A registered activity."""
    return Activity(
        activity_ref=activity_ref,
        title=f"Sample cookstoves, {activity_ref}",
        summary="A sample.",
        kind="project",
        host_party=activity_ref[5:7],
        sectoral_scopes=(3,),
        technology="cookstoves",
        methodologies=(),
        participants=("Sample Participant Ltd",),
        sdgs=(7, 13),
        crediting_start=None,
        crediting_end=None,
        documents=(),
        status="registered",
        updated_at=now,
    )


def sample_mandate(
    number: int,
    quantity: int,
    block_span: Span,
    now: datetime,
    *,
    activity_ref: str,
    unit_class: str,
    uses: tuple[str, ...],
    vintage: int,
) -> Mandate:
    """An active mandate over a block of its own, whose serial numbers are `block_span`."""
    return Mandate(
        mandate_id=f"mandate-{number}",
        account_id=f"account-{number}",
        block=Block(
            block_id=f"block-{number}",
            activity_ref=activity_ref,
            issuance_ref=f"{activity_ref}-I{number}",
            monitoring_start=date(vintage, 1, 1),
            monitoring_end=date(vintage, 12, 31),
            vintage=vintage,
            unit_class=unit_class,
            authorization=_authorization(number, unit_class, uses),
            first_transferred_at=None,
            serial=serial_range(f"{activity_ref}-{vintage}-{number}", block_span),
            quantity_available=0,
            status="active",
        ),
        quantity=quantity,
        quantity_remaining=quantity,
        status="active",
        expires_at=None,
        granted_by="Sample representative",
        updated_at=now,
    )


def two_spans(quantity: int) -> list[Span]:
    """Serial numbers in two spans with a gap (one, for a single unit)."""
    half = quantity // 2
    spans = [(1001, 1000 + half), (2001, 2000 + quantity - half)]
    return spans if half else spans[1:]


def _authorization(number: int, unit_class: str, uses: tuple[str, ...]) -> Authorization:
    if unit_class != "AER":
        return Authorization(status="not_authorized", uses=())
    return Authorization("authorized", uses, f"Sample letter {number}", "use_or_cancellation")
