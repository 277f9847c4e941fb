"""Lists: oldest change first, page by page, and only what changed since."""

import httpx
import pytest


def pages(client, path, **params):
    cursor = {}
    while True:
        page = client.get(path, params={**params, **cursor}).raise_for_status().json()
        yield page["items"]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("path, name", [("/v1/activities", "activity_ref"), ("/v1/mandates", "mandate_id")])
def test_pages_give_everything_once_oldest_change_first(service, path, name):
    everything = service.get(path, params={"limit": 500}).json()["items"]
    assert len(everything) >= 60
    by_page = list(pages(service, path, limit=17))
    assert [len(page) for page in by_page[:-1]] == [17] * (len(by_page) - 1)
    flat = [each for page in by_page for each in page]
    assert [each[name] for each in flat] == [each[name] for each in everything]
    assert [each["updated_at"] for each in flat] == sorted(each["updated_at"] for each in flat)


def test_a_page_has_a_hundred_unless_told(service):
    assert len(service.get("/v1/mandates").json()["items"]) == 100


def test_what_changes_while_somebody_reads_is_not_missed(service, control, mandate):
    path = f"/mandates/{mandate['mandate_id']}"
    reader = pages(service, "/v1/mandates", limit=20)
    seen = [each["mandate_id"] for each in next(reader)]
    control.post(f"{path}/suspend").raise_for_status()
    late = [each for page in reader for each in page]
    assert (late[-1]["mandate_id"], late[-1]["status"]) == (mandate["mandate_id"], "suspended")
    everything = service.get("/v1/mandates", params={"limit": 500}).json()["items"]
    assert {each["mandate_id"] for each in everything} == {*seen, *(each["mandate_id"] for each in late)}


def test_only_what_changed_since(service, control):
    newest = service.get("/v1/activities", params={"limit": 500}).json()["items"][-1]["updated_at"]
    changed = control.patch("/activities/A6.4-MW-001042", json={"status": "suspended"}).json()
    try:
        since = service.get("/v1/activities", params={"updated_since": changed["updated_at"]}).json()["items"]
        assert since == [changed]
        assert changed["updated_at"] > newest
        assert service.get("/v1/activities/A6.4-MW-001042").json() == changed
    finally:
        control.patch("/activities/A6.4-MW-001042", json={"status": "registered"}).raise_for_status()
    none = service.get("/v1/activities", params={"updated_since": "2999-01-01T00:00:00+02:00"})
    assert none.json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    "params, field",
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"cursor": "made-up"}, "cursor"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"updated_since": "2026-13-01T00:00:00Z"}, "updated_since"),
        ({"updated_since": "2026-11-23T10:00:00"}, "updated_since"),
    ],
)
def test_a_wrong_question_is_named(service, params, field):
    refused = service.get("/v1/mandates", params=params)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


def test_unknown_things_are_problems_too(service, registry):
    for path in ("/v1/activities/A6.4-ZZ-999999", "/v1/mandates/none", "/v1/cancellations/none"):
        missing = service.get(path)
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    nowhere = httpx.get(f"{registry.url}/v2/health")
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")
    wrong = httpx.put(f"{registry.url}/v1/health")
    assert (wrong.status_code, wrong.json()["status"], wrong.headers["content-type"]) == (
        405,
        405,
        "application/problem+json",
    )
