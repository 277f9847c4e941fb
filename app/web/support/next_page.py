"""Where a visitor goes on to after signing in: a page of ours, whatever the address says."""

import re
from urllib.parse import quote, urlsplit

from flask import request, url_for

# Browsers drop control characters and take a backslash for a slash: either could turn a path into another host.
_NEVER = re.compile(r"[\x00-\x20\x7f\\]")
_OURS = re.compile(r"/(?!/)")
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
    return _path_of(request.referrer or "")


def _path_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return url_for("public.projects")
    if parts.netloc != request.host:
        return url_for("public.projects")
    return safe_next(parts.path + (f"?{parts.query}" if parts.query else ""))
