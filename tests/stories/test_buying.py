"""The main job: a guest buys 25 tonnes over two offers and ends with a certificate that four places agree on."""

import pytest

from tests.stories.conftest import Arrive
from tests.stories.evidence import assert_all_agree
from tests.stories.navigators import Wishes
from tests.stories.platform import Platform

pytestmark = pytest.mark.story

WISHES = (
    Wishes(),
    Wishes("individual", None, "DE", "travel", "Three flights in 2026; no claim is made."),
    Wishes("organisation", "株式会社サンプル商店", "JP", "voluntary_contribution", "年次総会 2026"),
    Wishes("individual", "مؤسسة المثال", "EG", "other", "Für Zoë, 5 < 6 & “so”"),
)
RUNS = [
    (language, width, script, WISHES[(number + number // 4) % len(WISHES)], number)
    for number, (language, width, script) in enumerate(
        (language, width, script)
        for language in ("en", "fr", "es")
        for width in (390, 1280)
        for script in (True, False)
    )
]


@pytest.mark.parametrize(
    "language, width, script, wishes, number",
    RUNS,
    ids=[f"{run[0]}-{run[1]}-{'script' if run[2] else 'plain'}" for run in RUNS],
)
def test_a_guest_buys_and_everything_agrees(
    arrive: Arrive, platform: Platform, language: str, width: int, script: bool, wishes: Wishes, number: int
) -> None:
    providers = platform.providers()
    first, second = providers[number % len(providers)][:2]
    buyer = arrive(language, width=width, script=script)
    buyer.chooses_two_offers((first, 20), (second, 5))
    buyer.fills_in_the_certificate(wishes)
    buyer.reads_back_and_places(wishes.reason, *[wishes.name] * bool(wishes.name))
    buyer.pays_at_paypal()
    code = buyer.waits_for_the_certificate()
    assert_all_agree(buyer, wishes, language, {first: 20, second: 5}, code)
