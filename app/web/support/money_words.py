"""The words of the money map: what is known of an account, and what the buyer finds on their own statement."""

from flask_babel import gettext as _

from app.domain.payments.payee_shown import PayeeShown
from app.web.support.order_words import service


def account_tail(tail: str) -> str:
    """So much of an account's number as tells it from others."""
    return _("ends in %(tail)s", tail=tail)


def statement_text(payee: PayeeShown) -> str:
    """What stands on the buyer's own statement; where the gateway has not told, what usually does."""
    if payee.statement_text:
        return payee.statement_text
    if payee.method in ("bank", "stripe"):
        return payee.legal_name
    return _("%(method)s and the name of %(seller)s", method=service(payee.method), seller=payee.legal_name)
