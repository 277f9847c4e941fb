"""Headers that every answer carries. Nothing is loaded from elsewhere, nothing inline is run."""

import re

from flask import Flask, Response, abort, request

from app.web.support.uploads import MOST_FORM_BYTES

_POLICY = "; ".join(  # noqa: FLY002 (a list is read and changed line by line)
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
# Of every answer; a document with a policy of its own (a PDF) keeps it.
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Where more may be sent than elsewhere, in bytes: bank statements, files that prove a payment, tax documents, and what
# providers show.
_LARGER = {
    "provider.bring_statement": 11 * 1024 * 1024,
    "provider.refund_sent": MOST_FORM_BYTES,
    "provider.add_document": MOST_FORM_BYTES,
    "public.transfer_sent": MOST_FORM_BYTES,
    "public.claim_paid": MOST_FORM_BYTES,
    "provider.add_to_activity": 11 * 1024 * 1024,
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def init_app(app: Flask) -> None:
    secure = app.config["SETTINGS"].public_url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="__Host-vcp" if secure else "vcp",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=256 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch still works
        # The token and the cookie's name and SameSite are enough; browsers that never say where they come from may buy.
        WTF_CSRF_SSL_STRICT=False,
    )

    @app.before_request
    def refuse_what_cannot_be_stored() -> None:
        if request.endpoint in _LARGER:
            request.max_content_length = request.max_form_memory_size = _LARGER[request.endpoint]
        # PostgreSQL takes no NUL, in whatever view it would turn up. In values, tabs and line breaks are a
        # person's; in a path nothing of the kind is.
        if _CONTROL.search(request.path):
            abort(404)
        if any("\0" in text for pair in request.values.items(multi=True) for text in pair):
            abort(400)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if response.mimetype == "text/html" and "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store" if request.method != "GET" else "private, no-cache"
        return response
