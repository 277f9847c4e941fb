"""Jobs that were given up, and when periodic work came last."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.jobs.queries import failed_jobs, periodic_runs
from app.domain.jobs.retry_job import NotFailed, retry_job
from app.domain.people.permissions import Permission
from app.domain.people.reasons import ReasonMissing
from app.extensions import database, now
from app.web.admin.blueprint import blueprint
from app.web.admin.change import Change, change_page, reason_missing
from app.web.support.gate import elevated, needs, visitor


@blueprint.get("/jobs")
@needs(Permission.PLATFORM_OVERVIEW_READ)
def jobs() -> str:
    """The failed ones first."""
    session = database()
    return render_template("admin/jobs.html", failed=failed_jobs(session), periodic=periodic_runs(session))


@blueprint.get("/jobs/<int:job>/retry")
@needs(Permission.PLATFORM_JOBS_RETRY)
@elevated
def job_to_retry(job: int) -> str:
    """What it means, and a reason to give."""
    return change_page(_change(job))


@blueprint.post("/jobs/<int:job>/retry")
@needs(Permission.PLATFORM_JOBS_RETRY)
@elevated
def retry(job: int) -> Response | tuple[str, int]:
    """Put it back into the queue."""
    session = database()
    try:
        retry_job(session, job, request.form.get("reason", ""), visitor().person.id, now())
        session.commit()
    except ReasonMissing:
        return change_page(_change(job), reason_missing()), 422
    except NotFailed:
        session.rollback()
        flash(_("This job is not among the failed ones any more."), "wait")
        return redirect(url_for("admin.jobs"), 303)
    flash(_("Done. The audit trail says so."), "success")
    return redirect(url_for("admin.jobs"), 303)


def _change(job: int) -> Change:
    return Change(
        _("Try job %(id)s again", id=job),
        _("It runs at once. What it has done already it finds done: nothing is charged or cancelled twice."),
        _("Try again"),
        url_for("admin.jobs"),
        danger=False,
    )
