"""The provider's pages: a table of contents. Each acts for the provider whose registry account the person represents."""

from flask import Blueprint

blueprint = Blueprint("provider", __name__, url_prefix="/<any(en, fr, es):lang_code>/console")

from app.web.provider import (  # noqa: E402 (views hang themselves on the blueprint above)
    acting,
    activities,
    ask_again,
    bank_lines,
    claims,
    evidence,
    grant,
    holdings,
    home,
    offers,
    orders,
    payee_accounts,
    payee_changes,
    payee_end,
    payee_lead_in,
    payee_new,
    payee_secret,
    proofs,
    refunds,
    release,
    release_policy,
    revoke,
    statements,
)

__all__ = [
    "acting",
    "activities",
    "ask_again",
    "bank_lines",
    "blueprint",
    "claims",
    "evidence",
    "grant",
    "holdings",
    "home",
    "offers",
    "orders",
    "payee_accounts",
    "payee_changes",
    "payee_end",
    "payee_lead_in",
    "payee_new",
    "payee_secret",
    "proofs",
    "refunds",
    "release",
    "release_policy",
    "revoke",
    "statements",
]
