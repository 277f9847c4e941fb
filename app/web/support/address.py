"""Where we are and who asks: PUBLIC_URL says the one, the proxies that are trusted say the other.

Anybody can send a Host or X-Forwarded-For header, so neither is believed by itself.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _AtPublicUrl:
    """Every request is one to PUBLIC_URL, so whatever makes a whole address of it makes the right one."""

    def __init__(self, app: "WSGIApplication", public_url: str) -> None:
        self._app = app
        self._scheme, self._host = urlsplit(public_url)[:2]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["wsgi.url_scheme"], environ["HTTP_HOST"] = self._scheme, self._host
        return self._app(environ, start_response)


def init_app(app: Flask) -> None:
    """`request.host` and `_external` addresses as PUBLIC_URL has them; `remote_addr` from the outermost trusted proxy."""
    settings: Settings = app.config["SETTINGS"]
    behind = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0)
    app.wsgi_app = _AtPublicUrl(behind, settings.public_url)  # type: ignore[method-assign]
