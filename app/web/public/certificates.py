"""Certificates: the public page that anyone can open, its PDF and its JSON twin."""

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.http import quote_etag
from werkzeug.wrappers import Response as AnyResponse

from app.domain.certificates.json_twin import sha256
from app.domain.certificates.models import Certificate, CertificateState
from app.domain.certificates.public_record import public_record
from app.domain.certificates.queries import certificate_by_code, certificate_of
from app.domain.orders.queries import order_by_token
from app.domain.people.models import Realm
from app.domain.people.permissions import Permission, permissions_of, roles_of
from app.extensions import database, limiter
from app.i18n import request_language
from app.integrations.documents.interface import quantity_in_words
from app.web.public.blueprint import blueprint, without_language
from app.web.public.order_facts import keep_to_the_reader
from app.web.support.certificate_codes import canonical_code
from app.web.support.signed_in import signed_in

# The bytes of a version never change, but whether they are shown may: whoever keeps them asks each time.
_KEPT = "public, no-cache"
# Browsers show a PDF with a viewer of their own, which needs objects and inline styles; the document itself can
# run nothing.
_PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


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
    """Everything that the certificate says in public, from its frozen record, and how to verify it."""
    found = _find(code)
    if found is None:
        return _unknown(code)
    if found.code != code:
        return redirect(url_for("public.certificate", code=found.code), 301)
    newest, shown = certificate_of(database(), found.order_id), public_record(database(), found)
    response = make_response(
        render_template(
            "public/certificate.html",
            certificate=found,
            record=shown.data,
            withheld=shown.withheld,
            may_moderate=_may_moderate(),
            in_words=quantity_in_words(shown.data.quantity, request_language()),
            successor=newest if newest and found.state == CertificateState.SUPERSEDED else None,
        )
    )
    # It may name a person: for those who were given the address, not for search engines.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@without_language.get("/certificates/<code>.pdf")
def certificate_pdf(code: str) -> AnyResponse:
    """The PDF, the very bytes that were signed. While words in it are not shown, its page, which says so."""
    found = _find(code)
    if found is None or found.pdf is None or found.pdf_sha256 is None:
        abort(404)
    if found.code != code:
        return redirect(url_for("twins.certificate_pdf", code=found.code), 301)
    if public_record(database(), found).withheld:
        return redirect(url_for("public.certificate", code=found.code), 303)
    return _kept(_pdf(found, found.pdf), found.pdf_sha256)


@without_language.get("/orders/<token>/certificate.pdf")
def order_certificate(token: str) -> AnyResponse:
    """The PDF for its buyer, whatever the public may read of it."""
    order = order_by_token(database(), token)
    found = certificate_of(database(), order.id) if order is not None else None
    if found is None or found.pdf is None:
        abort(404)
    return keep_to_the_reader(_pdf(found, found.pdf))


@without_language.get("/certificates/<code>.json")
def certificate_json(code: str) -> AnyResponse:
    """The record that the PDF carries, to the byte: its SHA-256 is printed on the certificate.

    While words in it are not shown it is the record without them, and says so.
    """
    found = _find(code)
    if found is None:
        abort(404)
    if found.code != code:
        return redirect(url_for("twins.certificate_json", code=found.code), 301)
    shown = public_record(database(), found)
    return _kept(Response(shown.json, mimetype="application/json"), sha256(shown.json))


def _find(typed: str) -> Certificate | None:
    code = canonical_code(typed)
    return certificate_by_code(database(), code) if code else None


def _unknown(typed: str) -> Response:
    page = render_template("public/certificate_check.html", typed=typed[:40], unknown=True)
    return make_response(page, 404)


def _pdf(certificate: Certificate, pdf: bytes) -> Response:
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{certificate.filename}"'
    response.headers["Content-Security-Policy"] = _PDF_POLICY
    return response


def _may_moderate() -> bool:
    """Is an administrator signed in at this browser, who may take words down?"""
    here = signed_in(Realm.REGISTRY)
    held = permissions_of(roles_of(here.person.realm, here.roles)) if here is not None else frozenset()
    return Permission.PLATFORM_TEXTS_MODERATE in held


def _kept(response: Response, digest: str) -> Response:
    response.headers["Cache-Control"] = _KEPT
    response.headers["ETag"] = quote_etag(digest)
    response.headers["X-Robots-Tag"] = "noindex"
    response.make_conditional(request)
    return response
