"""The public's pages: a table of contents. Guests and signed-in buyers see the same ones."""

from flask import Blueprint

# Everything for people has its language in the address.
blueprint = Blueprint("public", __name__, url_prefix="/<any(en, fr, es):lang_code>")
# Twins for machines, the same in every language.
without_language = Blueprint("twins", __name__)

from app.web.public import (  # noqa: E402 (views hang themselves on the blueprint above)
    basket,
    certificates,
    choice,
    claim,
    comparison,
    content,
    find_order,
    messages,
    method,
    notices,
    order_groups,
    order_json,
    orders,
    pay,
    projects,
    refund_answer,
    tax_documents,
    transfer,
)
from app.web.public.checkout import confirm, details  # noqa: E402 (likewise)

__all__ = [
    "basket",
    "blueprint",
    "certificates",
    "choice",
    "claim",
    "comparison",
    "confirm",
    "content",
    "details",
    "find_order",
    "messages",
    "method",
    "notices",
    "order_groups",
    "order_json",
    "orders",
    "pay",
    "projects",
    "refund_answer",
    "tax_documents",
    "transfer",
    "without_language",
]
