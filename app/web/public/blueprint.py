"""The public's pages: a table of contents. Guests and signed-in buyers see the same ones."""

from flask import Blueprint

# Everything for people has its language in the address.
blueprint = Blueprint("public", __name__, url_prefix="/<any(en, fr, es):lang_code>")
# Twins for machines, the same in every language.
without_language = Blueprint("twins", __name__)

from app.web.public import basket, projects  # noqa: E402 (views hang themselves on the blueprint above)

__all__ = ["basket", "blueprint", "projects", "without_language"]
