"""The ways to pay an order that waits, as cards of the checkout."""

from app.domain.orders.models import Order, OrderState
from app.domain.payments.ways_to_pay import ways_to_pay
from app.extensions import database, neighbours, now
from app.web.public.checkout.details import method_cards


def every_way(order: Order) -> list[dict[str, str]]:
    """Every way that is possible now; none where the order waits for no payment."""
    if order.state != OrderState.AWAITING_PAYMENT:
        return []
    return method_cards(
        [code for code in ways_to_pay(database(), order, now()) if code in neighbours().gateways]
    )


def other_ways(order: Order) -> list[dict[str, str]]:
    """Those that are not the order's present one."""
    return [each for each in every_way(order) if each["value"] != order.method]
