"""The links at the top of every page."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _


@dataclass(frozen=True)
class Entry:
    words: str
    url: str
    current: bool


def entries() -> list[Entry]:
    """The pages a visitor goes to, in order. A page that this installation does not have is left out."""
    places = [
        ("public.projects", _("Projects")),
        ("public.find_order", _("Find my order")),
    ]
    return [
        Entry(words, url_for(endpoint), request.endpoint == endpoint)
        for endpoint, words in places
        if endpoint in current_app.view_functions
    ]


def init_app(app: Flask) -> None:
    app.jinja_env.globals["navigation"] = entries
