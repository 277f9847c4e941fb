"""The bare address: on to the catalogue, in the language that the browser asks for."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from app.i18n import negotiated_language

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def choose_language() -> Response:
    response = redirect(url_for("public.projects", lang_code=negotiated_language()))
    response.vary.add("Accept-Language")
    return response


@blueprint.get("/<any(en, fr, es):lang_code>/")
def language_front() -> Response:
    return redirect(url_for("public.projects"))
