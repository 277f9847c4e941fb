"""docs/states.md says exactly what the tables of steps say."""

import re

import pytest

from app.domain.cancellations import states as cancellations
from app.domain.content import states as content
from app.domain.four_eyes import states as proposals
from app.domain.mandates import states as mandates
from app.domain.moderation import states as moderation
from app.domain.offers import change_states as offer_changes
from app.domain.offers import states as offers
from app.domain.orders import states as orders
from app.domain.payments import states as payments
from app.domain.payments.payees import change_states as payee_changes
from app.domain.payments.payees import states as payees
from app.domain.payments.refunds import states as refunds
from app.domain.people import states as providers
from app.domain.reconciliation import states as differences
from app.domain.threads import states as complaints
from tests.quality.tree import ROOT


def documented(heading: str) -> dict[str, tuple[frozenset[str], str]]:
    text = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \| (\w+) \|", section, re.MULTILINE)
    return {name: (frozenset(came_from.split(", ")), to) for name, came_from, to in rows}


@pytest.mark.parametrize(
    ("heading", "module"),
    [
        ("Order", orders),
        ("Payment", payments),
        ("Refund", refunds),
        ("Complaint", complaints),
        ("Cancellation", cancellations),
        ("Provider", providers),
        ("Offer", offers),
        ("Scheduled change of an offer", offer_changes),
        ("Proposal", proposals),
        ("Difference", differences),
        ("Payee account", payees),
        ("Change of bank details", payee_changes),
        ("Mandate act", mandates),
        ("Text that the public reads", moderation),
        ("What a provider shows of an activity", content),
    ],
)
def test_every_step_is_documented_as_it_is(heading, module) -> None:
    steps = {
        name: (frozenset(state.value for state in came_from), to.value)
        for name, (came_from, to) in module.STEPS.items()
    }
    assert documented(heading) == steps
