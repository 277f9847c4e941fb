"""The main job, from a placed order to a mailed certificate, over real neighbours."""

from sqlalchemy import select

from app.domain.cancellations.queries import cancellations_of
from app.domain.certificates.queries import certificate_of
from app.domain.later import defer
from app.domain.offers.models import Offer
from app.domain.orders.models import OrderState
from app.domain.payments.models import Payment, PaymentState
from app.shells.start_checkout import start_checkout
from app.shells.works import Works
from tests.town import DETAILS, Town, fresh, place, run_until_quiet


def offers_of_one_provider(works: Works, count: int, at_least: int = 30) -> list[Offer]:
    """Published offers with enough units, all of one provider."""
    with works.sessions() as session:
        offers = (
            session.execute(
                select(Offer)
                .where(Offer.quantity >= at_least, Offer.min_quantity == 1)
                .order_by(Offer.provider_id, Offer.mandate_id)
            )
            .scalars()
            .all()
        )
        for offer in offers:
            same = [other for other in offers if other.provider_id == offer.provider_id]
            if len(same) >= count:
                return same[:count]
    raise AssertionError("the seed has no such provider")


def test_units_are_cancelled_and_the_certificate_is_mailed(shop: Works, town: Town) -> None:
    first, second = offers_of_one_provider(shop, 2)
    before = town.ledger(first.mandate_id)["cancelled"]
    order = place(shop, {first.id: 20, second.id: 5}).orders[0]
    payment = start_checkout(shop, order.id)
    town.approve(payment, "no_webhook")
    with shop.sessions.begin() as session:
        defer(session, "look_at_payment", payment_id=payment.id)
    run_until_quiet(shop)
    order = fresh(shop, order)
    assert order.state == OrderState.COMPLETED
    with shop.sessions() as session:
        assert session.get_one(Payment, payment.id).state == PaymentState.CAPTURED
        cancellations = cancellations_of(session, order.id)
        assert [sum(span.count for span in each.serial_ranges) for each in cancellations] == [20, 5]
        certificate = certificate_of(session, order.id)
        assert certificate is not None
        assert certificate.pdf is not None
        assert certificate.pdf.startswith(b"%PDF")
        assert (session.get_one(Offer, first.id).held, session.get_one(Offer, first.id).cancelled) == (0, 20)
    assert town.ledger(first.mandate_id)["cancelled"] - before == 20
    assert [capture["status"] for capture in town.captures(payment.id)] == ["COMPLETED"]
    assert "certificate" in {mail["subject"] for mail in town.mails(DETAILS.email)}
