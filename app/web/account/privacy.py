"""What is kept about the visitor, and how they get it or get rid of it."""

import json

from flask import Response, render_template

from app.domain.people.export_person import export_person
from app.domain.people.permissions import Permission
from app.extensions import database, limiter, now, works
from app.links import identity_account_url
from app.web.account.blueprint import blueprint
from app.web.support.gate import needs, visitor


@blueprint.get("/privacy")
@needs(Permission.OWN_DATA_EXPORT)
def privacy() -> str:
    """What is kept and why, the export, and the way to the erasure."""
    return render_template(
        "account/privacy.html", identity_account=identity_account_url(works().settings.public_realm_url)
    )


@blueprint.post("/export")
@needs(Permission.OWN_DATA_EXPORT)
@limiter.limit("20 per hour")
def export() -> Response:
    """Everything as a file: docs/accounts.md. A POST, because the trail notes it."""
    facts = export_person(database(), visitor().person.id, now())
    database().commit()
    return Response(
        json.dumps(facts, ensure_ascii=False, indent=1) + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": 'attachment; filename="my-data.json"'},
    )
