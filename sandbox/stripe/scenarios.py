"""What a payer can make happen: chosen on the payment page, or by a magic amount where no person clicks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """`number`: the card on the button, Stripe's own test numbers. `amount`: 906402 is 9064.02 EUR and 906402 JPY."""

    code: str
    label: str
    amount: str
    number: str = "4242 4242 4242 4242"
    declined: str | None = None  # the decline code of a card that is refused on the page
    three_d_secure: bool = False  # the bank asks the payer first
    delayed: str | None = None  # a bank debit that comes later: succeed | fail | wait
    lapses: bool = False  # the approval is given back before the money is taken
    refund: str = "succeeded"  # what a refund does: succeeded | pending | failed
    dispute: bool = False  # the payer disputes the charge after a while
    webhooks: str = "normal"  # normal | none | twice | reversed_order | late | forged


SCENARIOS = {
    scenario.code: scenario
    for scenario in (
        Scenario("approve", "The payment succeeds", "906400"),
        Scenario("cancel", "Go back to the seller without paying", "906401", number=""),
        Scenario(
            "decline", "The card is declined", "906402", "4000 0000 0000 0002", declined="generic_decline"
        ),
        Scenario(
            "insufficient_funds",
            "The card has no money",
            "906403",
            "4000 0000 0000 9995",
            declined="insufficient_funds",
        ),
        Scenario(
            "three_d_secure",
            "The bank asks first (3-D Secure)",
            "906404",
            "4000 0000 0000 3220",
            three_d_secure=True,
        ),
        Scenario(
            "delayed", "Bank debit: comes later", "906405", "AT61 1904 3002 3457 3201", delayed="succeed"
        ),
        Scenario(
            "delayed_fails", "Bank debit: fails later", "906406", "AT86 1904 3002 3547 3202", delayed="fail"
        ),
        Scenario(
            "delayed_waits",
            "Bank debit: waits to be told",
            "906407",
            "AT59 1904 3002 3457 3203",
            delayed="wait",
        ),
        Scenario("lapses", "The approval lapses before the money is taken", "906408", lapses=True),
        Scenario(
            "refund_pending", "A refund takes a while", "906409", "4000 0000 0000 7726", refund="pending"
        ),
        Scenario("refund_fails", "A refund fails later", "906410", "4000 0000 0000 5126", refund="failed"),
        Scenario("dispute", "The charge is disputed later", "906411", "4000 0000 0000 0259", dispute=True),
        Scenario("no_webhook", "The seller is never notified", "906412", webhooks="none"),
        Scenario("duplicate", "Every notification arrives twice", "906413", webhooks="twice"),
        Scenario("out_of_order", "Notifications arrive last first", "906414", webhooks="reversed_order"),
        Scenario("late", "Notifications arrive late", "906415", webhooks="late"),
        Scenario("forged", "Notifications carry a false signature", "906416", webhooks="forged"),
    )
}

_BY_AMOUNT = {scenario.amount: scenario.code for scenario in SCENARIOS.values()}


def scenario_of_amount(minor: int) -> str:
    """The scenario that an amount asks for; "approve" for any ordinary amount."""
    return _BY_AMOUNT.get(str(minor), "approve")
