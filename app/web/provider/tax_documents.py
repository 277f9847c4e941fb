"""Invoices and other tax documents: brought or made for an order, handed out, and how they are numbered."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.orders.models import Order
from app.domain.orders.own_orders import own_order
from app.domain.payments.proofs import ProofRefused
from app.domain.people.permissions import Permission
from app.domain.tax_documents.add_tax_document import NotPaid, add_tax_document
from app.domain.tax_documents.make_tax_document import AlreadyMade, NotPossible, make_tax_document
from app.domain.tax_documents.queries import document_for_provider
from app.domain.tax_documents.series import missing_details
from app.domain.tax_documents.set_series import NOTE_MAX, SeriesRefused, set_series
from app.extensions import database, now
from app.logs import about_order
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.gate import needs, visitor
from app.web.support.tax_documents import detail_words, documents_shown
from app.web.support.uploads import file_response, proof_problem, read_proof


@blueprint.post("/orders/<number>/tax-documents")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def add_document(number: str) -> Response | tuple[str, int]:
    """`act`: bring (with the file `document`), or make (with `after`, the number of the newest one on the page)."""
    order, session, person = _order(number), database(), visitor().person.id
    try:
        if request.form.get("act") == "make":
            make_tax_document(session, order.id, request.form.get("after") or None, person, now())
            said = _("The document has its number. It is there to download in a moment.")
        else:
            file = read_proof("document")
            if file is None:
                raise ProofRefused("empty")
            add_tax_document(session, order.id, file, person, now())
            said = _("The document is on the buyer’s page, and the buyer gets a mail.")
        session.commit()
        flash(said, "done")
    except ProofRefused as refused:
        session.rollback()
        return _refused(order, proof_problem(refused)), 422
    except AlreadyMade:
        session.rollback()
        flash(_("A document has been made already. It is listed below."), "wait")
    except (NotPossible, NotPaid):
        session.rollback()
        flash(_("No document can be added to this order now."), "wait")
    return redirect(url_for("provider.order", number=number), 303)


@blueprint.get("/tax-documents/<uuid:document>")
@needs(Permission.PROVIDER_ORDERS_READ)
def tax_document(document: UUID) -> Response:
    """The file, to be kept."""
    found = document_for_provider(database(), acting_provider().id, document)
    if found is None:
        abort(404)
    return file_response(found.content or b"", found.content_type, found.filename)


@blueprint.get("/tax-documents")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def tax_series() -> str:
    """How documents are numbered and made here, if they are."""
    provider = acting_provider()
    return _series_page(
        provider.invoice_prefix or "", provider.invoice_note or "", provider.invoice_automatic, {}
    )


@blueprint.post("/tax-documents")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def change_tax_series() -> Response | tuple[str, int]:
    """`prefix` (empty: none are made here), `note`, `automatic` (`yes`)."""
    session, provider = database(), acting_provider()
    prefix, note = request.form.get("prefix", ""), request.form.get("note", "")
    automatic = request.form.get("automatic") == "yes"
    try:
        set_series(
            session,
            provider.id,
            prefix,
            note,
            automatic=automatic,
            person_id=visitor().person.id,
            now=now(),
        )
        session.commit()
    except SeriesRefused as refused:
        session.rollback()
        field = "prefix" if refused.field == "details" else refused.field
        return _series_page(prefix, note, automatic, {field: _problem(refused.field)}), 422
    flash(_("Saved. It applies to documents that are made from now on."), "done")
    return redirect(url_for("provider.tax_series"), 303)


def _series_page(prefix: str, note: str, automatic: bool, errors: dict[str, str]) -> str:
    provider = acting_provider()
    return render_template(
        "provider/tax_series.html",
        provider=provider,
        missing=[detail_words(name) for name in missing_details(provider)],
        prefix=prefix,
        note=note,
        automatic=automatic,
        note_max=NOTE_MAX,
        year=now().year,
        errors=errors,
    )


def _problem(field: str) -> str:
    return {
        "prefix": _(
            "Enter up to twelve capital letters A to Z and digits, such as SAMPLE; hyphens may stand between."
        ),
        "note": _("Say how your sales are taxed, in at most %(most)s characters.", most=NOTE_MAX),
        "details": _("Your address or your tax number is missing. Complete your details first."),
    }[field]


def _order(number: str) -> Order:
    found = own_order(database(), acting_provider().id, number)
    if found is None:
        abort(404)
    about_order(found.number)
    return found


def _refused(order: Order, problem: str) -> str:
    """What was wrong with the file, on a page of its own."""
    return render_template(
        "provider/document_refused.html",
        provider=acting_provider(),
        order=order,
        documents=documents_shown(database(), order),
        errors={"document": problem},
    )
