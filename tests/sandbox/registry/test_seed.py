"""The seed is wide enough, visibly made up, and the platform is told to sell only what can be sold."""

import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from tests.neighbours import ROOT

TECHNOLOGIES = {
    "wind",
    "solar",
    "hydro",
    "biogas",
    "landfill-gas",
    "cookstoves",
    "water-purification",
    "energy-efficiency",
    "reforestation",
    "industrial-gas",
}
HIGHEST = Decimal(38)


def read(path):
    return json.loads((ROOT / "sandbox" / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def activities():
    return read("registry/seed/activities.json")


@pytest.fixture(scope="module")
def blocks():
    return read("registry/seed/blocks.json")


@pytest.fixture(scope="module")
def providers():
    return read("seed/platform.json")["providers"]


def test_activities_are_many_and_various(activities):
    assert len(activities) >= 66
    assert len({each["activity_ref"] for each in activities}) == len(activities)
    assert len({each["host_party"] for each in activities}) >= 31
    assert {each["technology"] for each in activities} == TECHNOLOGIES
    assert {each["kind"] for each in activities} == {"project", "programme", "component"}
    assert max(len(each["title"]) for each in activities) == 300
    assert any(re.search("[\u0600-\u06ff]", each["title"]) for each in activities)
    assert any(re.search("[\u4e00-\u9fff]", each["title"]) for each in activities)


def test_activities_are_visibly_made_up(activities):
    for each in activities:
        assert each["title"].startswith("Sample ")
        assert len(re.findall(r"[.](?: |$)", each["summary"])) == 2, each["summary"]
        assert all(name.startswith("Sample ") for name in each["participants"])
        assert all(document["url"].startswith("https://documents.example/") for document in each["documents"])


def test_blocks_make_sense(activities, blocks):
    known = {each["activity_ref"]: each for each in activities}
    accounts = {each["account_id"] for each in read("registry/seed/accounts.json")}
    serials = {}
    for block in blocks:
        activity = known[block["activity_ref"]]
        assert block["account_id"] in accounts
        assert block["last"] >= block["first"]
        assert block["prefix"].startswith(f"{block['activity_ref']}-{block['vintage']}-")
        start, end = (date.fromisoformat(block["monitoring_period"][name]) for name in ("start", "end"))
        assert start < end
        assert start.year == end.year == block["vintage"]
        assert start >= date.fromisoformat(activity["crediting_period"]["start"])
        assert (block["unit_class"] == "MCER") == (block["authorization"]["status"] == "not_authorized")
        for first, last in serials.setdefault(block["activity_ref"], []):
            assert block["last"] < first or last < block["first"], "two blocks of an activity share serials"
        serials[block["activity_ref"]].append((block["first"], block["last"]))
    assert {block["vintage"] for block in blocks} == set(range(2021, 2026))


def test_the_hard_cases_are_there(blocks):
    mandates = [each for block in blocks for each in block["mandates"]]
    quantities = [each["quantity"] for each in mandates]
    assert len(mandates) >= 100
    assert (min(quantities), quantities.count(10), max(quantities)) == (10, 1, 120_000)
    statuses = Counter(each["status"] for each in mandates)
    assert min(statuses[name] for name in ("revoked", "expired", "suspended")) >= 1
    assert min(Counter(block["status"] for block in blocks).values()) >= 2
    ndc_only = [block for block in blocks if block["authorization"]["uses"] == ["NDC"]]
    assert any(block["mandates"] for block in ndc_only)
    assert any(not block["mandates"] for block in ndc_only)
    unknown = [block for block in blocks if block["authorization"]["status"] == "unknown"]
    assert any(block["mandates"] for block in unknown)
    assert sum(bool(block["gone"] and block["mandates"]) for block in blocks) >= 10
    assert sum(not block["mandates"] for block in blocks) >= 5
    holders = Counter()
    for activity in {block["activity_ref"] for block in blocks}:
        holders[len({block["account_id"] for block in blocks if block["activity_ref"] == activity})] += 1
    assert holders[2] >= 1


def sellable(activities, blocks):
    registered = {each["activity_ref"] for each in activities if each["status"] == "registered"}
    for block in blocks:
        authorization = block["authorization"]
        voluntary = authorization["status"] == "authorized" and "OP" in authorization["uses"]
        if (
            block["status"] == "active"
            and block["activity_ref"] in registered
            and (block["unit_class"] == "MCER" or voluntary)
        ):
            for mandate in block["mandates"]:
                if mandate["status"] == "active":
                    yield mandate["mandate_id"], block["account_id"], mandate["quantity"]


def test_the_platform_sells_what_can_be_sold_and_nothing_else(activities, blocks, providers):
    offered = sorted(
        (offer["mandate_id"], provider["slug"]) for provider in providers for offer in provider["offers"]
    )
    owner = {account: provider["slug"] for provider in providers for account in provider["registry_accounts"]}
    assert offered == sorted(
        (mandate, owner[account]) for mandate, account, _ in sellable(activities, blocks)
    )


def test_offers_are_priced_in_the_providers_one_currency(activities, blocks, providers):
    quantity = {mandate: left for mandate, _, left in sellable(activities, blocks)}
    assert {offer["currency"] for provider in providers for offer in provider["offers"]} == {
        "USD",
        "EUR",
        "GBP",
        "JPY",
    }
    for provider in providers:
        (currency,) = {offer["currency"] for offer in provider["offers"]}
        assert {tuple(account["currencies"]) for account in provider["payee_accounts"]} == {(currency,)}
        for offer in provider["offers"]:
            assert re.fullmatch(
                r"[1-9][0-9]*" if currency == "JPY" else r"[1-9][0-9]*\.[0-9]{2}", offer["price"]
            )
            assert currency == "JPY" or Decimal("2.10") <= Decimal(offer["price"]) <= HIGHEST
            assert 1 <= offer["min_quantity"] <= (offer["max_quantity"] or quantity[offer["mandate_id"]])
            assert (offer["max_quantity"] or 1) <= quantity[offer["mandate_id"]]


def test_providers_can_be_paid(providers):
    accounts = [
        account
        for provider in providers
        for account in provider["payee_accounts"]
        if account["gateway"] == "paypal"
    ]
    for account in accounts:
        assert account["mode"] == "own_app"
        assert re.fullmatch("[2-9A-HJ-NP-Z]{13}", account["external_id"])
    for name in ("external_id", "client_id", "client_secret", "webhook_id"):
        assert len({account[name] for account in accounts}) == len(providers)
    assert all(provider["legal_name"].startswith("Sample ") for provider in providers)


def test_every_provider_can_be_paid_by_bank_transfer(providers):
    accounts = [
        [account for account in provider["payee_accounts"] if account["gateway"] == "bank"]
        for provider in providers
    ]
    assert [len(each) for each in accounts] == [1] * len(providers)
    details = [account["details"] for [account] in accounts]
    assert [each["holder"] for each in details] == [provider["legal_name"] for provider in providers]
    # Of both kinds, and numbers that no two share.
    assert 1 < sum("iban" in each for each in details) < len(details)
    assert len({each.get("iban") or str(each["local"]) for each in details}) == len(details)


def test_some_providers_can_be_paid_by_card(providers):
    cards = [
        account
        for provider in providers
        for account in provider["payee_accounts"]
        if account["gateway"] == "stripe"
    ]
    assert 1 < len(cards) < len(providers)
    assert {account["mode"] for account in cards} == {"own_key", "connect"}
    for account in cards:
        assert re.fullmatch("acct_[0-9A-Za-z]{16}", account["external_id"])
        assert account["livemode"] is False
        assert account["client_secret"].startswith("rk_test_") == (account["mode"] == "own_key")
