"""Addresses: written alike, typed, documented; and no template that nothing shows."""

import inspect
import re
from collections.abc import Iterator
from typing import get_type_hints
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.quality.tree import ROOT, files, name

TYPES = {"default": str, "any": str, "uuid": UUID, "int": int}
PIECE = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*|<[^>]+>)(?:\.(?:json|pdf|webp))?")
FOR_PEOPLE = {"public", "sign_in", "account", "provider", "admin"}
TEMPLATES = ROOT / "app" / "templates"


@pytest.fixture
def rules(alone: Flask) -> list[Rule]:
    found = list(alone.url_map.iter_rules())
    assert len(found) > 15
    return found


def methods(rule: Rule) -> set[str]:
    return set(rule.methods or ()) - {"HEAD", "OPTIONS"}


def test_addresses_are_kebab_case(rules: list[Rule]):
    wrong = {
        rule.rule
        for rule in rules
        for piece in rule.rule.strip("/").split("/")
        if piece and not PIECE.fullmatch(piece)
    }
    assert wrong == set()


def test_pages_have_their_language_in_front_and_machines_have_none(rules: list[Rule]):
    for rule in rules:
        for_people = rule.endpoint.partition(".")[0] in FOR_PEOPLE or rule.endpoint == "front.language_front"
        assert rule.rule.startswith("/<any(en, fr, es):lang_code>/") is for_people, rule.rule


def test_a_view_gets_what_its_address_says(alone: Flask, rules: list[Rule]):
    for rule in rules:
        view = alone.view_functions[rule.endpoint]
        hints = get_type_hints(inspect.unwrap(view))
        values = {value: _kind(rule, value) for value in rule.arguments if value != "lang_code"}
        assert {key: kind for key, kind in hints.items() if key != "return"} == values, rule.endpoint
        assert "return" in hints, rule.endpoint


def _kind(rule: Rule, value: str) -> type:
    [(converter, _)] = re.findall(rf"<(?:(\w+)(?:\([^)]*\))?:)?({value})>", rule.rule)
    return TYPES[converter or "default"]


def test_no_two_views_share_an_address(rules: list[Rule]):
    taken = [(rule.rule, method) for rule in rules for method in methods(rule)]
    assert len(taken) == len(set(taken))


def test_no_view_has_two_addresses(rules: list[Rule]):
    assert len({rule.endpoint for rule in rules}) == len(rules)


def documented() -> set[tuple[str, str]]:
    """Method and address of every row in docs/pages.md."""
    found = set()
    for line in (ROOT / "docs" / "pages.md").read_text(encoding="utf-8").splitlines():
        if cell := re.match(r"\| (`(?:GET|POST)`?.*?) \|", line):
            [address] = re.findall(r"(/[^`]*)`", cell[1])
            found |= {(method, address) for method in re.findall("GET|POST", cell[1])}
    return found


def as_documented(rule: Rule) -> Iterator[tuple[str, str]]:
    address = rule.rule.replace("<any(en, fr, es):lang_code>", "en")
    address = address.replace("<any(public, registry):realm>", "<realm>")
    address = re.sub(r"<(?:any\([^)]*\)|\w+):(\w+)>", r"<\1>", address)
    for method in methods(rule):
        yield method, address


def test_every_address_is_documented_and_every_documented_address_is_there(rules: list[Rule]):
    # `/` and `/en/` are told in the text: they only lead on.
    there = {pair for rule in rules if not rule.endpoint.startswith("front.") for pair in as_documented(rule)}
    assert len(documented()) > 15
    assert there - documented() == set(), "not in docs/pages.md"
    assert documented() - there == set(), "in docs/pages.md only"
    assert "`/` leads to the best one" in (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")


# Templates.


def mentioned() -> set[str]:
    """Templates whose names stand in the code or in another template; names made of parts, as patterns."""
    texts = [path.read_text(encoding="utf-8") for path in files("app/*.py", "app/templates/*")]
    return {
        found for text in texts for found in re.findall(r"""["']([\w{}./-]+\.(?:html|txt|typ))["']""", text)
    }


def used(template: str, by: set[str]) -> bool:
    patterns = [
        re.sub(r"\{[^}]*\}", "[^/]+", re.escape(mention).replace(r"\{", "{").replace(r"\}", "}"))
        for mention in by
    ]
    return any(re.fullmatch(pattern, template) for pattern in patterns)


def test_what_is_used_is_recognised():
    by = {"errors/{status}.html", "layouts/base.html"}
    assert used("errors/404.html", by)
    assert used("layouts/base.html", by)
    assert not used("layouts/other.html", by)
    assert not used("errors/more/404.html", by)


def test_every_template_is_used():
    # Those of errors and mails are named by their status or kind; the failsafe page is read as a file.
    by = mentioned() | {"errors/failsafe.html"}
    templates = [
        str(path.relative_to(TEMPLATES)) for path in files("app/templates/*") if path.suffix != ".json"
    ]
    assert len(templates) > 40
    assert [
        template
        for template in templates
        if not used(template, by) and not used(template.rpartition("/")[2], by)
    ] == []


def test_every_template_that_is_named_is_there():
    there = {str(path.relative_to(TEMPLATES)) for path in files("app/templates/*")}
    named = {mention for mention in mentioned() if "/" in mention and "{" not in mention}
    assert len(named) > 30
    assert {mention for mention in named if mention not in there} == set()


# What people write stays text.


@pytest.mark.parametrize(
    "template", ["{{ name | safe }}", "{{ name|safe }}", "{% autoescape false %}", "{{ Markup(name) }}"]
)
def test_a_way_around_escaping_is_recognised(template: str):
    assert AROUND.search(template)


# A constant may be marked safe: what is formatted into it is escaped.
AROUND = re.compile(r"[^\"'\s]\s*\|\s*safe\b|\bautoescape\b|\bMarkup\b(?=\()")


def test_a_constant_may_be_safe():
    assert not AROUND.search('{{ "<bdi>%s</bdi>" | safe | format(name) }}')


def test_no_template_goes_around_escaping():
    assert [
        name(path) for path in files("app/templates/*", "sandbox/*.html") if AROUND.search(path.read_text())
    ] == []


def test_code_makes_markup_of_nothing_but_drawings():
    makers = [
        name(path)
        for path in files("app/*.py")
        if re.search(r"\bMarkup\(|render_template_string", path.read_text())
    ]
    assert makers == ["app/web/support/qr_pictures.py", "app/web/support/scenes.py"]


@pytest.mark.parametrize("ending,written", [("html", "&lt;b&gt; &amp; &#39;"), ("txt", "<b> & '")])
def test_pages_are_escaped_and_plain_mails_are_plain(alone: Flask, ending: str, written: str):
    with alone.test_request_context("/en/"):
        assert alone.jinja_env.autoescape(f"emails/any.{ending}") is (ending == "html")  # type: ignore[operator]
        escape = alone.jinja_env.overlay(autoescape=ending == "html")
        assert escape.from_string("{{ text }}").render(text="<b> & '") == written
