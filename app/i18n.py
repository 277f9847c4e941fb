"""Languages: one place that says which there are, which one a request is in, and how values are written in it."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from babel import Locale
from flask import Flask, current_app, g, has_request_context, request, url_for
from flask_babel import Babel, force_locale, get_locale

LANGUAGES = ("en", "fr", "es")
DEFAULT_LANGUAGE = "en"
_NAMES = {"en": "English", "fr": "Français", "es": "Español"}

babel = Babel()


@dataclass(frozen=True)
class LanguageLink:
    """One entry of the language switch: this very page in another language."""

    code: str
    name: str
    url: str
    current: bool


def init_app(app: Flask) -> None:
    """Language from the first part of the address; `url_for` keeps it."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(app.config["TRANSLATIONS"])
    babel.init_app(
        app, default_locale=DEFAULT_LANGUAGE, locale_selector=request_language, default_timezone="UTC"
    )

    @app.url_value_preprocessor
    def take_language(_: str | None, values: dict[str, object] | None) -> None:
        if values is not None and "lang_code" in values:
            g.lang_code = values.pop("lang_code")

    @app.url_defaults
    def fill_language(endpoint: str, values: dict[str, object]) -> None:
        if "lang_code" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
            values["lang_code"] = request_language()

    app.jinja_env.globals.update(
        locale_tag=locale_tag,
        text_direction=text_direction,
        languages=language_links,
        language_name=language_name,
        best_language=best_language,
    )


def request_language() -> str:
    """The request's language: from the address, else what the browser asks for, else English."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    if "lang_code" in g:
        return str(g.lang_code)
    # An address that leads nowhere has a language, too.
    first = request.path.split("/", 2)[1]
    return first if first in LANGUAGES else negotiated_language()


def negotiated_language() -> str:
    """The best of our languages for the browser's Accept-Language, whose best comes first."""
    for wanted, quality in request.accept_languages:
        language = wanted.partition("-")[0].lower()
        # Werkzeug's own best_match prefers any exact name: en before es for "es-MX, en;q=0.5".
        if quality and language in LANGUAGES:
            return language
    return DEFAULT_LANGUAGE


def locale_tag() -> str:
    """For `<html lang>`: en, fr, es."""
    return str(get_locale() or DEFAULT_LANGUAGE)


def text_direction() -> str:
    """For `<html dir>`: ltr or rtl, as the script of the language is written."""
    return "rtl" if (get_locale() or Locale(DEFAULT_LANGUAGE)).text_direction == "rtl" else "ltr"


def best_language(texts: Container[str]) -> str | None:
    """The language in which the reader gets what is written in these: their own, else the first of ours; None if none."""
    return next((code for code in (locale_tag(), *LANGUAGES) if code in texts), None)


def language_name(code: str) -> str:
    """A language's name in itself: fr → Français."""
    return _NAMES[code]


def language_links() -> list[LanguageLink]:
    """The page at hand in every language; the query is kept. The front page where the page has no language."""
    here = request.endpoint if request.endpoint and "lang_code" in g else None
    adapter = current_app.create_url_adapter(request)
    if request.method == "POST" and adapter is not None and "GET" not in adapter.allowed_methods():
        here = None  # the answer to a form whose address cannot be opened
    values: dict[str, Any] = dict(request.view_args or {}) if here else {}
    # As text: a query is a stranger's, and url_for has arguments of its own that it must not reach.
    query = f"?{request.query_string.decode('ascii', 'ignore')}" if here and request.query_string else ""
    return [
        LanguageLink(
            code,
            _NAMES[code],
            url_for(here or "public.projects", **{**values, "lang_code": code}) + query,
            code == locale_tag(),
        )
        for code in LANGUAGES
    ]


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Write mails and documents in their reader's language, not the request's."""
    with force_locale(code):
        yield
