"""The words of the money map: what is known of an account, and what the buyer finds on their own statement."""

from flask_babel import gettext as _

from app.domain.payments.payee_shown import PayeeShown
from app.web.support.order_words import statement_name


def account_tail(tail: str) -> str:
    """So much of an account's number as tells it from others."""
    return _("ends in %(tail)s", tail=tail)


def statement_text(payee: PayeeShown) -> str:
    """What stands on the buyer's own statement; where the gateway has not told, what usually does."""
    return payee.statement_text or statement_name(payee.method, payee.legal_name)
