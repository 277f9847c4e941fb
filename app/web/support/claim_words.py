"""The words of "I have paid": the same to buyer, provider and administrator."""

from flask import Flask
from flask_babel import gettext as _

from app.domain.payments.claims.queries import RECEIVED
from app.domain.payments.refund_models import PaymentClaim
from app.web.support.filters import day, moment


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(claim_words=claim_words)


def claim_words(claim: PaymentClaim, seller: str) -> str:
    """How a claim stands, as sentences."""
    said = _(
        "On %(day)s %(seller)s was asked whether the buyer’s transfer has come.",
        day=day(claim.opened_at),
        seller=seller,
    )
    if claim.answer == RECEIVED:
        return said + " " + _("%(seller)s has answered that the money came.", seller=seller)
    if claim.answer is not None:
        told = _("%(seller)s has answered that no money came.", seller=seller)
    elif claim.escalated_at is None:
        told = _("%(seller)s has to answer by %(moment)s.", seller=seller, moment=moment(claim.answer_by))
    else:
        told = _("%(seller)s has not answered in time.", seller=seller)
    if claim.escalated_at is not None:
        told += " " + _("The platform’s administrators have been asked to mediate.")
    return f"{said} {told}"
