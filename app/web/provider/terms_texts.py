"""The terms under which providers sell here. What stands here is what is kept as evidence.

A change of wording, in any language, needs a new `TERMS_VERSION` in app/domain/people/provider_terms.py.
"""

from flask_babel import gettext as _


def provider_terms() -> list[str]:
    """The terms in the reader's language, a paragraph each."""
    return [
        _(
            "You sell your own units. The contract of sale is between you and each buyer; the platform is no party to "
            "it, never receives the money and takes no fee."
        ),
        _(
            "You offer only units that you hold and that may be cancelled voluntarily, and you say nothing about them "
            "that the registry does not confirm. The platform cancels units for buyers within the mandates that you "
            "grant, and does nothing else with them."
        ),
        _(
            "Money that has come is confirmed within three working days. Money that a buyer is owed goes back within "
            "five bank days. You answer buyers, and issue the invoices that your law asks for."
        ),
        _(
            "What you write is looked at before it is shown where our rules ask for it. Administrators may suspend or "
            "delist you with a reason; orders that are paid are finished all the same."
        ),
        _(
            "You keep your address, your contact and the accounts that you are paid to up to date. You can take your "
            "units back at any time by revoking their mandates."
        ),
    ]


def agreement() -> str:
    """The words beside the box."""
    return _("I accept these terms for the provider, and may do so.")


def words_shown() -> str:
    """All of it, as it is hashed for the trail."""
    return "\n".join([*provider_terms(), agreement()])
