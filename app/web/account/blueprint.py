"""The pages of a buyer's account: a table of contents. Everything on them is the visitor's own, asked for by query."""

from flask import Blueprint

blueprint = Blueprint("account", __name__, url_prefix="/<any(en, fr, es):lang_code>/account")

from app.web.account import (  # noqa: E402 (views hang themselves on the blueprint above)
    beneficiaries,
    claim,
    erase,
    home,
    invitation,
    invitations,
    members,
    organisation,
    organisations,
    parts,
    privacy,
    profile,
    sign_ins,
)

__all__ = [
    "beneficiaries",
    "blueprint",
    "claim",
    "erase",
    "home",
    "invitation",
    "invitations",
    "members",
    "organisation",
    "organisations",
    "parts",
    "privacy",
    "profile",
    "sign_ins",
]
