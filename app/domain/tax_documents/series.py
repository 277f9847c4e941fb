"""What it takes before documents are numbered on a provider's behalf."""

from app.domain.people.models import Provider

# Without these no tax office takes the document. A postcode is not everywhere.
_NEEDED = ("legal_name", "street", "town", "tax_id")


def missing_details(provider: Provider) -> tuple[str, ...]:
    """The names of the columns that are still empty: legal_name, street, town, tax_id."""
    return tuple(name for name in _NEEDED if not getattr(provider, name))


def has_series(provider: Provider) -> bool:
    """Are documents numbered and made here for this provider?"""
    return bool(provider.invoice_prefix and provider.invoice_note) and not missing_details(provider)
