"""Signing in and out: a table of contents. Who signs in is shown by the identity provider, never here."""

from flask import Blueprint

blueprint = Blueprint("sign_in", __name__, url_prefix="/<any(en, fr, es):lang_code>")
# Where identity providers send browsers, and where they call: registered there, the same in every language.
without_language = Blueprint("sign_in_back", __name__)

from app.web.sign_in import back, back_channel, end, not_done, start  # noqa: E402 (views hang themselves on the blueprints above)

__all__ = ["back", "back_channel", "blueprint", "end", "not_done", "start", "without_language"]
