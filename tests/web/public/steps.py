"""What a guest does on the way to an order, for the tests of the checkout."""

from tests.web.pages import Client, Page

DETAILS = {
    "beneficiary_type": "organisation",
    "disclosure": "public",
    "beneficiary_name": "Sample Buyer GmbH",
    "beneficiary_country": "DE",
    "purpose": "event",
    "reason": "For the sample conference of 2026",
    "email": "buyer@example.org",
    "certificate_language": "en",
    "method": "paypal",
}
CONSENTS = {"consent_terms": "yes", "consent_immediate": "yes"}


def put(client: Client, offer, quantity: str = "25", language: str = "en") -> Page:
    """Put tonnes of an offer into the basket, from the project's page."""
    page = client.get(f"/{language}/projects/{offer.mandate.block.activity_ref}")
    return page.form(f"/{language}/basket", offer=str(offer.id)).submit(quantity=quantity)


def fill_in(client: Client, language: str = "en", status: int = 200, **changes: str) -> Page:
    """Fill in the certificate's details and go on. The page that follows."""
    form = client.get(f"/{language}/checkout").form(f"/{language}/checkout")
    return form.submit(status=status, **(DETAILS | changes))
