"""The administrators' pages: a table of contents."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__, url_prefix="/<any(en, fr, es):lang_code>/console/admin")

from app.web.admin import (  # noqa: E402 (views hang themselves on the blueprint above)
    attention,
    attention_order,
    audit,
    complaints,
    home,
    jobs,
    mails,
    messages,
    notifications,
    payee_change,
    people,
    person_change,
    person_data,
    proofs,
    proposals,
    provider_change,
    providers,
    reconciliation,
    setting_texts,
    settings,
    tax_documents,
    text_decision,
    texts,
)

__all__ = [
    "attention",
    "attention_order",
    "audit",
    "blueprint",
    "complaints",
    "home",
    "jobs",
    "mails",
    "messages",
    "notifications",
    "payee_change",
    "people",
    "person_change",
    "person_data",
    "proofs",
    "proposals",
    "provider_change",
    "providers",
    "reconciliation",
    "setting_texts",
    "settings",
    "tax_documents",
    "text_decision",
    "texts",
]
