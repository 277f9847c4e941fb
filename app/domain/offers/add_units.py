"""More units of the same block, added to an offer: an offer of their own over a mandate of their own, on the same terms."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.domain.mandates.ask_to_grant import NotGrantable, ask_to_grant
from app.domain.mandates.models import MandateAct
from app.domain.mandates.queries import live_offer_on
from app.domain.offers.models import Offer, OfferState
from app.domain.offers.put_terms import put_terms, terms_of
from app.domain.offers.screen_descriptions import screen_descriptions
from app.domain.offers.series import Series, locked_series
from app.domain.offers.states import step
from app.domain.people.models import Provider
from app.integrations.registry.interface import Block

# Units are added to what buyers can have, or could until the last one was sold.
GROWS = frozenset({OfferState.PUBLISHED, OfferState.PAUSED, OfferState.SOLD_OUT})


class NotAddable(Exception):
    """`code`: not_on_sale, or below_least: nobody could order so few (`least` units an order)."""

    def __init__(self, code: str, least: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.least = least


def ask_to_add(
    session: Session,
    key: UUID,
    provider: Provider,
    person_id: UUID,
    offer_id: UUID,
    block: Block,
    quantity: int,
    now: datetime,
) -> MandateAct:
    """Note that `quantity` more units of the offer's block, as just read from the registry, are to be earmarked.

    The caller commits, then asks the registry; `publish_added` follows its word. The same `key` again gives the act
    that it stands for. Raises NotAddable, NotGrantable, NoSuchOffer.
    """
    series = locked_series(session, offer_id, provider.id)
    head = series.head
    if session.get(MandateAct, key) is None:
        if head.state not in GROWS:
            raise NotAddable("not_on_sale")
        if 1 <= quantity < head.min_quantity:
            raise NotAddable("below_least", head.min_quantity)
    act = ask_to_grant(session, key, provider, person_id, head.mandate.account_id, block, quantity, now)
    if act.added_to not in (None, head.id):
        raise NotGrantable("another_act")
    act.added_to = head.id
    return act


def publish_added(session: Session, act: MandateAct, mandate_id: str, now: datetime) -> Offer | None:
    """The registry has earmarked what an act asked for: its units join the offer that they were meant for, once.

    None where they were meant for none, are there already, or the offer has ended meanwhile: they stay earmarked then,
    and can be taken back. In the transaction that settles the act, before the act is locked.
    """
    if act.added_to is None:
        return None
    series = locked_series(session, act.added_to)
    head = series.head
    if head.state not in GROWS or live_offer_on(session, mandate_id):
        return None
    said = {"actor": "provider", "person_id": act.person_id}
    part = Offer(
        id=uuid4(),
        provider_id=head.provider_id,
        mandate_id=mandate_id,
        currency=head.currency,
        quantity=act.quantity,
        state=OfferState.DRAFT,
        created_at=now,
        published_at=now,
        added_to=head.id,
    )
    put_terms(part, terms_of(head))
    screen_descriptions(session, part, terms_of(head).texts or {}, now)
    session.add(part)
    session.flush()
    step(session, part, "publish", now, added_to=str(head.id), units=act.quantity, **said)
    if _paused(series):
        step(session, part, "pause", now, **said)
    return part


def _paused(series: Series) -> bool:
    return any(offer.state == OfferState.PAUSED for offer in series.offers)
