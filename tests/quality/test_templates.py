"""Pages keep the strict content security policy: nothing inline, nothing from another host."""

import re

import pytest

from tests.quality.tree import files, name

JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
RULES = {
    "inline script": r"<script(?![^>]*\ssrc\s*=)(?![^>]*type=\"application/(?:ld\+)?json\")",
    "inline style": r"<style\b|\sstyle\s*=",
    "event handler": r"\s(?:on[a-z]+|hx-on[a-z:-]*)\s*=",
    "script address": r"javascript:|hx-[a-z]+\s*=\s*[\"']js:",
    "another host": r"<(?:script|link|img|iframe|source|video|audio)\b[^>]*\s(?:src|href|srcset)\s*=\s*[\"'](?:https?:)?//",
}


def problems(template: str) -> list[str]:
    """Names of the rules that a template breaks. Jinja's own text is no markup."""
    markup = JINJA.sub("x", template)
    return [rule for rule, pattern in RULES.items() if re.search(pattern, markup, re.IGNORECASE)]


@pytest.mark.parametrize(
    "template,rule",
    [
        ("<script>go()</script>", "inline script"),
        ("<script defer>go()</script>", "inline script"),
        ("<style>p {}</style>", "inline style"),
        ('<p style="color: red">', "inline style"),
        ('<a href="#" onclick="go()">', "event handler"),
        ('<a hx-on:click="go()">', "event handler"),
        ('<a href="javascript:go()">', "script address"),
        ('<script src="https://cdn.example/x.js"></script>', "another host"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "another host"),
    ],
)
def test_each_rule_finds_its_breach(template: str, rule: str):
    assert problems(template) == [rule]


@pytest.mark.parametrize(
    "template",
    [
        '<script src="{{ asset("site.js") }}" defer></script>',
        '{% set once = "x" %}<a href="https://unfccc.int/">UNFCCC</a>',
        '<script type="application/ld+json">{{ facts|tojson }}</script>',
    ],
)
def test_what_is_allowed_is_not_found(template: str):
    assert problems(template) == []


def test_no_template_breaks_a_rule():
    pages = [path for path in files("app/templates/*.html", "sandbox/*.html") if "emails" not in path.parts]
    assert len(pages) > 10
    assert {name(path): found for path in pages if (found := problems(path.read_text()))} == {}
