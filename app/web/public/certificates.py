"""Certificates: the public page that anyone can open, its PDF and its JSON twin."""

import re

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.http import quote_etag
from werkzeug.wrappers import Response as AnyResponse

from app.domain.certificates.json_twin import from_json
from app.domain.certificates.models import Certificate, CertificateState
from app.domain.certificates.queries import certificate_by_code, certificate_of
from app.extensions import database, limiter
from app.i18n import request_language
from app.integrations.documents.interface import quantity_in_words
from app.web.public.blueprint import blueprint, without_language

# A version never changes: a correction is another version with a code of its own.
_FOR_EVER = "public, max-age=31536000, immutable"
# Browsers show a PDF with a viewer of their own, which needs objects and inline styles; the document itself can
# run nothing.
_PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_LETTERS, _GROUP = 20, 4


@blueprint.get("/certificates")
@limiter.limit("60 per minute")
def check_certificate() -> AnyResponse | str:
    """A form for a code that was read off a certificate; leads to its page."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return render_template("public/certificate_check.html", typed="", unknown=False)
    code = canonical_code(typed)
    if code is not None and certificate_by_code(database(), code) is not None:
        return redirect(url_for("public.certificate", code=code), 303)
    return _unknown(typed)


@blueprint.get("/certificates/<code>")
@limiter.limit("120 per minute")
def certificate(code: str) -> AnyResponse:
    """Everything that the certificate says, from its frozen record, and how to verify it."""
    found = _find(code)
    if found is None:
        return _unknown(code)
    if found.code != code:
        return redirect(url_for("public.certificate", code=found.code), 301)
    newest, record = certificate_of(database(), found.order_id), from_json(found.json_twin)
    response = make_response(
        render_template(
            "public/certificate.html",
            certificate=found,
            record=record,
            in_words=quantity_in_words(record.quantity, request_language()),
            successor=newest if newest and found.state == CertificateState.SUPERSEDED else None,
        )
    )
    # It may name a person: for those who were given the address, not for search engines.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@without_language.get("/certificates/<code>.pdf")
def certificate_pdf(code: str) -> AnyResponse:
    """The PDF, the very bytes that were signed."""
    found = _find(code)
    if found is None or found.pdf is None or found.pdf_sha256 is None:
        abort(404)
    if found.code != code:
        return redirect(url_for("twins.certificate_pdf", code=found.code), 301)
    response = Response(found.pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{found.filename}"'
    response.headers["Content-Security-Policy"] = _PDF_POLICY
    return _immutable(response, found.pdf_sha256)


@without_language.get("/certificates/<code>.json")
def certificate_json(code: str) -> AnyResponse:
    """The record that the PDF carries, to the byte: its SHA-256 is printed on the certificate."""
    found = _find(code)
    if found is None:
        abort(404)
    if found.code != code:
        return redirect(url_for("twins.certificate_json", code=found.code), 301)
    return _immutable(Response(found.json_twin, mimetype="application/json"), found.json_sha256)


def canonical_code(typed: str) -> str | None:
    """What was typed as codes are written (7K3M-…, five groups of four); None when it cannot be one."""
    letters = re.sub(r"[^0-9A-Z]", "", typed.upper())
    if len(letters) != _LETTERS:
        return None
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def _find(typed: str) -> Certificate | None:
    code = canonical_code(typed)
    return certificate_by_code(database(), code) if code else None


def _unknown(typed: str) -> Response:
    page = render_template("public/certificate_check.html", typed=typed[:40], unknown=True)
    return make_response(page, 404)


def _immutable(response: Response, sha256: str) -> Response:
    response.headers["Cache-Control"] = _FOR_EVER
    response.headers["ETag"] = quote_etag(sha256)
    response.headers["X-Robots-Tag"] = "noindex"
    response.make_conditional(request)
    return response
