"""Comparing with the registry: the last run, what differs, and what is done about it."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.later import defer
from app.domain.orders.models import Order
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.domain.reconciliation.begin_run import begin_run
from app.domain.reconciliation.explain_difference import explain_difference
from app.domain.reconciliation.models import Difference
from app.domain.reconciliation.queries import (
    difference_of,
    gone_differences,
    last_run,
    registry_standing,
    run_under_way,
    standing_differences,
)
from app.domain.states import IllegalStep
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.support.gate import elevated, needs, visitor
from app.web.support.reconciliation_words import difference_title, difference_todo


@blueprint.get("/reconciliation")
@needs(Permission.PLATFORM_RECONCILIATION_READ)
def reconciliation() -> str:
    """What differs, and how the last comparison went."""
    session = database()
    return render_template(
        "admin/reconciliation.html",
        run=last_run(session),
        under_way=run_under_way(session, now()) is not None,
        standing=registry_standing(session),
        differences=standing_differences(session),
        gone=gone_differences(session),
        title_of=difference_title,
    )


@blueprint.post("/reconciliation")
@needs(Permission.PLATFORM_RECONCILIATION_WRITE)
def reconcile_now() -> Response:
    """Compare now; one that is under way is not begun again."""
    begin_run(database(), now(), visitor().person.id)
    database().commit()
    flash(_("The comparison has begun. This page shows what it finds."), "success")
    return redirect(url_for("admin.reconciliation"), 303)


@blueprint.get("/reconciliation/<uuid:difference>")
@needs(Permission.PLATFORM_RECONCILIATION_READ)
def difference(difference: UUID) -> str:
    """One difference: what each side says, and what may be done."""
    found = _found(difference)
    order = database().get(Order, found.order_id) if found.order_id else None
    return render_template(
        "admin/difference.html",
        difference=found,
        title=difference_title(found.kind),
        todo=difference_todo(found.kind),
        order=order,
    )


@blueprint.post("/reconciliation/<uuid:difference>/read-again")
@needs(Permission.PLATFORM_RECONCILIATION_WRITE)
def read_again(difference: UUID) -> Response:
    """Ask the registry about it once more, and compare everything again."""
    found, session = _found(difference), database()
    if found.entity == "mandate":
        defer(session, "read_resource", kind="mandate", resource_id=found.entity_id)
    elif found.entity == "cancellation" and found.order_id is not None:
        defer(session, "request_cancellation", cancellation_id=found.entity_id)
    begin_run(session, now(), visitor().person.id)
    session.commit()
    flash(_("The registry is asked again, and everything is compared. Look again in a moment."), "success")
    return redirect(url_for("admin.reconciliation"), 303)


@blueprint.get("/reconciliation/<uuid:difference>/explain")
@needs(Permission.PLATFORM_RECONCILIATION_WRITE)
@elevated
def difference_explanation(difference: UUID) -> str:
    """What it means, and a reason to give."""
    return change_page(_explain(_found(difference)))


@blueprint.post("/reconciliation/<uuid:difference>/explain")
@needs(Permission.PLATFORM_RECONCILIATION_WRITE)
@elevated
def explain(difference: UUID) -> Response | tuple[str, int]:
    """Keep the explanation."""
    change, session = _explain(_found(difference)), database()
    try:
        explain_difference(session, difference, request.form.get("reason", ""), visitor().person.id, now())
        session.commit()
    except ReasonMissing:
        return change_page(change, reason_missing()), 422
    except IllegalStep:
        session.rollback()
        flash(_("That was decided before, or is not possible any more."), "wait")
        return redirect(change.back, 303)
    flash(_("Done. The audit trail says so."), "success")
    return redirect(url_for("admin.reconciliation"), 303)


def _found(difference_id: UUID) -> Difference:
    found = difference_of(database(), difference_id)
    if found is None:
        abort(404)
    return found


def _explain(found: Difference) -> Change:
    return Change(
        _("Explain the difference"),
        _(
            "Say why it is there and may stay. It is not counted in public any more, until one of the sides changes. "
            "Nothing is changed by this, here or in the registry."
        ),
        _("Keep the explanation"),
        url_for("admin.difference", difference=found.id),
        danger=False,
    )
