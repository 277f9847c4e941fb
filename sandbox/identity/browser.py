"""What the pages share: the cookie of a realm's session, and headers that let nothing else in."""

from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request

from sandbox.identity.realms import REALMS


def _cookie_name(realm: str) -> str:
    # Browsers send a host's cookies to all of its ports; two demonstrations on one machine must not meet.
    return f"identity-{realm}-{request.host.rpartition(':')[2]}"


def read_cookie(realm: str) -> str | None:
    """The value that the browser sends."""
    return request.cookies.get(_cookie_name(realm))


def set_cookie(response: Response, realm: str, value: str) -> Response:
    """Give the browser its session."""
    response.set_cookie(
        _cookie_name(realm),
        value,
        max_age=REALMS[realm].longest,
        path=f"/realms/{realm}/",
        httponly=True,
        samesite="Lax",
    )
    return response


def drop_cookie(response: Response, realm: str) -> Response:
    """Take it away again."""
    response.delete_cookie(_cookie_name(realm), path=f"/realms/{realm}/", httponly=True, samesite="Lax")
    return response


def page(template: str, status: int = 200, *, leads_to: str | None = None, **values: object) -> Response:
    """A page for people. `leads_to`: an address elsewhere that a form of it may end at."""
    response = make_response(render_template(f"identity/{template}", **values), status)
    # Browsers hold the redirects that answer a form to form-action, too.
    target = f" {_origin(leads_to)}" if leads_to else ""
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self'{target}; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
