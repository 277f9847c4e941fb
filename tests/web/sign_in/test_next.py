"""Where people go on to: pages of ours, whatever an address says."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from flask import Flask

from app.extensions import limiter
from app.web.support.next_page import safe_next, this_page
from tests.web.people import come_back, make_person, set_out, sign_in
from tests.web.sign_in.looking import COOKIES

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r//evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\x00/evil.example",
    "/a\x7fb",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "HTTPS://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    ".evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "",
]
WAYS = ["/en/sign-in", "/en/sign-up", "/en/console/sign-in"]


@pytest.mark.parametrize("value", ELSEWHERE, ids=repr)
def test_what_is_no_path_of_ours_becomes_the_catalogue(alone: Flask, value: str):
    with alone.test_request_context("/fr/find-order"):
        assert safe_next(value) == "/fr/projects"


@pytest.mark.parametrize(
    "value,written",
    [
        ("/en/basket", "/en/basket"),
        ("/en/projects?q=a%20b&sort=price", "/en/projects?q=a%20b&sort=price"),
        ("/en/projects?q=Ñandú", "/en/projects?q=%C3%91and%C3%BA"),
        ("/en/%2F%2Fevil.example", "/en/%2F%2Fevil.example"),
        ("/%2fevil.example", "/%2fevil.example"),
        ("/%5cevil.example", "/%5cevil.example"),
        ("/en/basket?next=//evil.example", "/en/basket?next=//evil.example"),
        ("/en/projects?q=a b", "/en/projects?q=a%20b"),
        ("/en/\u2044evil", "/en/%E2%81%84evil"),
    ],
)
def test_a_path_of_ours_stays_and_is_written_for_a_header(alone: Flask, value: str, written: str):
    with alone.test_request_context("/"):
        assert safe_next(value) == written


@pytest.mark.parametrize("way", WAYS)
def test_no_sign_in_page_leads_elsewhere_before_or_after(client, fakes, way: str):
    realm = "registry" if "console" in way else "public"
    for value in ELSEWHERE:
        limiter.reset()
        client.inner.delete_cookie(COOKIES[realm])
        query = f"{way}?next={quote(value)}"
        answer = client.inner.get(query)
        if "\0" in value:
            assert answer.status_code == 400
            continue
        assert answer.location.startswith(f"https://login.example.org/realms/{realm}/"), value
        assert "evil" not in answer.location, value
        back = fakes.identity[realm].approve(answer.location, make_person(), datetime.now(UTC))
        assert come_back(client, back).location == "/en/projects", value
        # And whoever is signed in already goes on at once.
        assert client.inner.get(query).location == "/en/projects", value


def test_nor_does_the_page_that_says_that_nobody_was_signed_in(client):
    for value in ELSEWHERE:
        if "\0" not in value:
            page = client.get(f"/en/sign-in/not-done?next={quote(value)}", status=400)
            assert page.link("Sign in") == "/en/sign-in?next=/en/projects", value


def test_elevation_leads_to_no_other_host_either(client, fakes):
    sign_in(client, fakes, "registry", make_person(roles={"registry-administrator"}), acr="2")
    answer = client.inner.get("/en/console/elevate", query_string={"next": "//evil.example"})
    assert "evil" not in answer.location
    client.inner.delete_cookie("vcp-console")
    answer = client.inner.get("/en/console/elevate", query_string={"next": "//evil.example"})
    assert answer.location == "/en/console/sign-in?next=/en/console/elevate?next%3D/en/projects"


@pytest.mark.parametrize(
    "method,path,referrer,expected",
    [
        ("GET", "/en/projects?q=a%26b&page=2", None, "/en/projects?q=a%26b&page=2"),
        (
            "POST",
            "/en/basket",
            "http://127.0.0.1:8000/en/projects/A6.4-MW-1?x=1",
            "/en/projects/A6.4-MW-1?x=1",
        ),
        ("POST", "/en/basket", "https://evil.example/en/projects", "/en/projects"),
        ("POST", "/en/basket", "http://127.0.0.1:8000.evil.example/a", "/en/projects"),
        ("POST", "/en/basket", "http://127.0.0.1:8000//evil.example", "/en/projects"),
        ("POST", "/en/basket", "http://[", "/en/projects"),
        ("POST", "/en/basket", None, "/en/projects"),
    ],
)
def test_people_come_back_to_the_page_that_they_were_on(alone: Flask, method, path, referrer, expected):
    headers = {"Referer": referrer} if referrer else {}
    with alone.test_request_context(path, method=method, headers=headers, base_url="http://127.0.0.1:8000"):
        assert this_page() == expected


def test_the_headers_link_comes_back_to_the_page_it_stands_on(client, fakes):
    page = client.get("/fr/projects?q=a&sort=price")
    [link] = {str(tag["href"]) for tag in page.all("a[rel=nofollow]")}
    answer = client.inner.get(link)
    back = fakes.identity["public"].approve(answer.location, make_person(), datetime.now(UTC))
    assert come_back(client, back).location == "/fr/projects?q=a&sort=price"


def test_set_out_leads_to_the_provider(client):
    # What the other tests here rely on.
    assert set_out(client).startswith("https://login.example.org/realms/public/")
