"""From when units are cancelled, in words: the same before paying, on the order's page, in mails and for the provider."""

from flask_babel import gettext as _
from flask_babel import ngettext

from app.domain.payments.models import ReleaseRule
from app.domain.payments.release_terms import ReleaseTerms


def release_words(terms: ReleaseTerms, seller: str) -> str:
    """One or two sentences for the buyer; `seller` by the legal name."""
    if terms.rule == ReleaseRule.DELAY:
        return ngettext(
            "Your units are cancelled %(num)s hour after the payment is confirmed, because %(seller)s waits that long "
            "with payments that could be taken back. A cancellation cannot be undone.",
            "Your units are cancelled %(num)s hours after the payment is confirmed, because %(seller)s waits that long "
            "with payments that could be taken back. A cancellation cannot be undone.",
            terms.hours,
            seller=seller,
        )
    if terms.rule == ReleaseRule.REVIEW:
        return ngettext(
            "Your units are cancelled once %(seller)s has checked the payment, within %(num)s hour. A cancellation "
            "cannot be undone.",
            "Your units are cancelled once %(seller)s has checked the payment, within %(num)s hours. A cancellation "
            "cannot be undone.",
            terms.hours,
            seller=seller,
        )
    return _(
        "As soon as the payment is confirmed, the units are cancelled in the registry. That cannot be undone."
    )


def policy_words(terms: ReleaseTerms) -> str:
    """What a provider has decided, in a few words for its own page."""
    if terms.rule == ReleaseRule.DELAY:
        return ngettext("after %(num)s hour", "after %(num)s hours", terms.hours)
    if terms.rule == ReleaseRule.REVIEW:
        return ngettext(
            "when one of you has checked the payment, within %(num)s hour",
            "when one of you has checked the payment, within %(num)s hours",
            terms.hours,
        )
    return _("at once")
