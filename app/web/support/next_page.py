"""Where a visitor goes on to after signing in: a page of ours, whatever the address says."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import g, request, url_for

# Browsers drop control characters and take a backslash for a slash: either could turn a path into another host.
_NEVER = re.compile(r"[\x00-\x20\x7f\\]")
_OURS = re.compile(r"/(?!/)")
_FIELD_MAX = 50  # characters
_SAFE = "/?&=#%:@!$'()*+,;~-._[]"


def safe_next(value: str | None) -> str:
    """`value` if it is a path of ours (a query may follow), written for a Location header; else the catalogue's."""
    path = (value or "").strip(" ")
    if not _OURS.match(path) or _NEVER.search(path.replace(" ", "+")):
        return url_for("public.projects")
    return quote(path, safe=_SAFE)


def this_page() -> str:
    """The page to come back to: this one, or for a form that was sent, the one that it stood on."""
    if request.method in {"GET", "HEAD"}:
        query = request.query_string.decode("ascii", "ignore")
        return quote(request.path, safe=_SAFE) + (f"?{query}" if query else "")
    return _with_fields(_path_of(request.referrer or ""), g.get("fields_to_keep", ()))


def keep_fields(names: Iterable[str]) -> None:
    """Whoever comes back to the page of the form that was sent finds these short fields in its query."""
    g.fields_to_keep = tuple(names)


def _with_fields(path: str, names: Iterable[str]) -> str:
    sent = {name: request.form[name][:_FIELD_MAX] for name in names if request.form.get(name)}
    if not sent:
        return path
    before, _, query = path.partition("?")
    others = [(name, value) for name, value in parse_qsl(query) if name not in sent]
    return safe_next(f"{before}?{urlencode([*others, *sent.items()])}")


def _path_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return url_for("public.projects")
    if parts.netloc != request.host:
        return url_for("public.projects")
    return safe_next(parts.path + (f"?{parts.query}" if parts.query else ""))
