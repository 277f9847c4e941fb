"""What differs between the registry and the platform, as a number for everybody."""

from flask import render_template

from app.domain.reconciliation.queries import registry_standing
from app.extensions import database
from app.web.public.blueprint import blueprint


@blueprint.get("/comparison")
def comparison() -> str:
    """When everything was last compared with the registry, how much, and how many differences there are."""
    return render_template("public/comparison.html", standing=registry_standing(database()))
