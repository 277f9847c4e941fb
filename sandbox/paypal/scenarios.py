"""What a payer can make happen: chosen on the payment page, or by a magic amount where no person clicks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """`amount`: digits of the magic amount, so 906402 is 9064.02 EUR and 906402 JPY."""

    code: str
    label: str
    amount: str
    pending: str | None = None  # the capture waits, for this reason
    settles: str | None = None  # what becomes of a waiting capture by itself: complete | deny
    webhooks: str = "normal"  # normal | none | twice | reversed_order | late | forged


SCENARIOS = {
    scenario.code: scenario
    for scenario in (
        Scenario("approve", "Approve: the payment succeeds", "906400"),
        Scenario("cancel", "Go back to the seller without paying", "906401"),
        Scenario("decline", "Approve, then the card or bank declines when the money is taken", "906402"),
        Scenario(
            "echeck",
            "Approve with an eCheck: pending, then it clears",
            "906403",
            "ECHECK",
            settles="complete",
        ),
        Scenario(
            "echeck_fails",
            "Approve with an eCheck: pending, then it bounces",
            "906404",
            "ECHECK",
            settles="deny",
        ),
        Scenario("review", "Approve: pending while the payment is reviewed", "906405", "PENDING_REVIEW"),
        Scenario("no_consent", "Approve, but the seller's account has not consented to be paid", "906406"),
        Scenario("reversed", "Approve, then the approval is reversed before the money is taken", "906407"),
        Scenario("denied", "Approve, but the capture itself is declined", "906408"),
        Scenario("no_webhook", "Approve; the seller is never notified", "906409", webhooks="none"),
        Scenario("duplicate", "Approve; every notification arrives twice", "906410", webhooks="twice"),
        Scenario(
            "out_of_order", "Approve; notifications arrive last first", "906411", webhooks="reversed_order"
        ),
        Scenario("late", "Approve; notifications arrive late", "906412", webhooks="late"),
        Scenario("forged", "Approve; notifications carry a false signature", "906413", webhooks="forged"),
    )
}

_BY_AMOUNT = {scenario.amount: scenario.code for scenario in SCENARIOS.values()}


def scenario_of_amount(value: str) -> str:
    """The scenario that an order's amount asks for; "approve" for any ordinary amount."""
    return _BY_AMOUNT.get(value.replace(".", ""), "approve")
