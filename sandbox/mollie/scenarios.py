"""What a payer can make happen: chosen on the payment page, or by a magic amount where no person clicks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """`status`: of the payment after the page. `amount`: 906402 is 9064.02 EUR and 906402 JPY."""

    code: str
    label: str
    amount: str
    status: str = "authorized"
    reason: str | None = None  # why a payment failed
    bank: str | None = None  # what the bank says later of one that is pending: authorize | fail
    capture: str = "succeeded"  # succeeded | pending | failed | waits
    lapses: bool = False  # the approval is given back before the money is taken
    refund: str = "refunded"  # refunded | pending | failed
    chargeback: bool = False  # the payer's bank takes the money back after a while
    webhooks: str = "normal"  # normal | none | twice | reversed_order | late | forged


SCENARIOS = {
    scenario.code: scenario
    for scenario in (
        Scenario("approve", "The payment succeeds", "906400"),
        Scenario("cancel", "Go back to the seller without paying", "906401", "canceled"),
        Scenario("decline", "The card is declined", "906402", "failed", "card_declined"),
        Scenario("insufficient_funds", "The card has no money", "906403", "failed", "insufficient_funds"),
        Scenario("pending", "The bank takes its time, then says yes", "906404", "pending", bank="authorize"),
        Scenario("pending_fails", "The bank takes its time, then says no", "906405", "pending", bank="fail"),
        Scenario("capture_pending", "Approved; taking the money takes a while", "906406", capture="pending"),
        Scenario("capture_fails", "Approved; taking the money fails later", "906407", capture="failed"),
        Scenario("capture_waits", "Approved; taking the money waits to be told", "906408", capture="waits"),
        Scenario("lapses", "The approval lapses before the money is taken", "906409", lapses=True),
        Scenario("refund_pending", "A refund takes a while", "906410", refund="pending"),
        Scenario("refund_fails", "A refund fails later", "906411", refund="failed"),
        Scenario("chargeback", "The payer's bank takes the money back later", "906412", chargeback=True),
        Scenario("no_webhook", "The seller is never notified", "906413", webhooks="none"),
        Scenario("duplicate", "Every notification arrives twice", "906414", webhooks="twice"),
        Scenario("out_of_order", "Notifications arrive last first", "906415", webhooks="reversed_order"),
        Scenario("late", "Notifications arrive late", "906416", webhooks="late"),
        Scenario("forged", "Notifications carry a false signature", "906417", webhooks="forged"),
    )
}

_BY_AMOUNT = {scenario.amount: scenario.code for scenario in SCENARIOS.values()}


def scenario_of_amount(value: str) -> str:
    """The scenario that an amount asks for; "approve" for any ordinary amount."""
    return _BY_AMOUNT.get(value.replace(".", ""), "approve")
