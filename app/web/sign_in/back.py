"""Back from the identity provider."""

from flask import redirect
from werkzeug.wrappers import Response

from app.web.sign_in.blueprint import without_language


@without_language.get("/sign-in/<any(public, registry):realm>/back")
def back(realm: str) -> Response:
    """Not yet."""
    return redirect("/")
