"""A way to pay is a row, an adapter and a line of wiring: nothing else in the platform knows its name."""

import re

import pytest

from app.domain.payments.methods import BY_SERVICE, METHODS, Finality, Way
from app.settings import Settings
from app.wiring import connect
from tests.quality.tree import ROOT, files, name, text

# What came last, by row and adapter alone: whoever adds the next one can do the same.
LAST = "mollie"
KNOWS = {
    "app/domain/payments/methods.py",
    "app/wiring.py",
    f"app/integrations/gateways/{LAST}.py",
}


def test_adding_a_row_suffices():
    named = {
        name(path)
        for path in files("app/*.py", "app/*.html", "app/*.txt", "app/*.typ", "migrations/*.py")
        if LAST in (text(path) or "").lower()
    }
    assert named == KNOWS


@pytest.mark.parametrize("code", sorted(METHODS))
def test_the_wiring_has_one_line_for_it(code: str):
    wiring = (ROOT / "app" / "wiring.py").read_text(encoding="utf-8")
    assert len(re.findall(rf'^ +"{code}": \w+\(', wiring, re.MULTILINE)) == 1


def test_what_is_in_the_table_is_what_is_wired(settings: Settings):
    gateways = connect(settings).gateways
    assert set(gateways) == set(METHODS)
    assert {code: gateway.code for code, gateway in gateways.items()} == {code: code for code in METHODS}


@pytest.mark.parametrize("code", sorted(METHODS))
def test_a_row_is_whole(code: str):
    row = METHODS[code]
    assert re.fullmatch(r"[a-z]+", code)
    assert row.modes
    assert bool(row.service) == row.by_service == (row.way is not Way.TRANSFER) == (code in BY_SERVICE)
    assert bool(row.may_come_back) == (row.finality is Finality.DISPUTABLE)
    assert not row.api_url or row.api_url.startswith("https://")


def test_the_way_to_add_one_is_written_down():
    guide = (ROOT / "docs" / "add-a-payment-method.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:app|sandbox|tests|docs)/[\w./-]+)`", guide))
    assert named >= KNOWS
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
