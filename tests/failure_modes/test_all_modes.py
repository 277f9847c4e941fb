"""Each of the 24 failure modes of payments has a test that names it by its number."""

import ast
import re
from pathlib import Path

MODES = {
    1: "paid, and the registry is down",
    2: "duplicate webhooks",
    3: "out of order, or before our row",
    4: "the webhook never comes",
    5: "our capture times out",
    6: "the capture is pending",
    7: "a chargeback after the cancellation",
    8: "another currency",
    9: "the price changes or the offer is paused during the checkout",
    10: "another amount, or another payee",
    11: "the buyer leaves at the gateway",
    12: "the bank hold is over, and money comes",
    13: "two payments for one order",
    14: "the refund is impossible",
    15: "the cancellation is impossible after the payment",
    16: "the provider denies the receipt",
    17: "the provider's account is revoked",
    18: "secrets leak or are changed",
    19: "two workers capture at once",
    20: "a test event on a live account",
    21: "a flood of forged webhooks",
    22: "a refund begun elsewhere",
    23: "a dispute is won later",
    24: "clock changes and bank holidays",
}
_NAME = re.compile(r"test_failure_mode_([0-9]{2})_[a-z0-9_]+")


def numbers() -> set[int]:
    """The numbers that tests of this folder bear."""
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (named := _NAME.fullmatch(node.name)):
                found.add(int(named[1]))
    return found


def test_every_failure_mode_has_a_test():
    found = numbers()
    assert {number: what for number, what in MODES.items() if number not in found} == {}
    assert found <= set(MODES)
