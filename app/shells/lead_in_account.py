"""Lead a provider into a gateway's own sign-up, to connect their account there to the platform's."""

from uuid import UUID

from app.domain.payments.facts import account_of
from app.domain.payments.models import ProviderPayeeAccount
from app.domain.payments.payees.record_lead_in import record_lead_in
from app.integrations.gateways.interface import Applicant
from app.shells.works import Works


def lead_in_account(works: Works, account_id: UUID, person_id: UUID, return_url: str) -> str | None:
    """Where the provider goes now; None where the gateway has no page for it. A second call leads to the same account.

    Raises OnlyByHand, PayeeProblem or another Refused, TryAgain, OutcomeUnknown.
    """
    with works.sessions() as session:
        row = session.get_one(ProviderPayeeAccount, account_id)
        account = account_of(row, works.sealer)
        provider = row.provider
        applicant = Applicant(provider.legal_name, provider.country, provider.contact_email)
    gateway = works.neighbours.gateways[account.gateway]
    step = gateway.lead_in(account, applicant, return_url, key=f"{account_id}:lead_in")
    with works.sessions.begin() as session:
        record_lead_in(session, account_id, step.external_id, person_id, works.now())
    return step.redirect_url
