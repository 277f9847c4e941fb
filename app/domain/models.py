"""Every table, in one place to import, so that the metadata is whole for migrations and tests."""

from app.domain.audit.models import AuditCheck, AuditEvent, AuditSeal
from app.domain.base import Base
from app.domain.cancellations.models import Cancellation, CancelledRange
from app.domain.catalogue.models import Activity, Block, Mandate, SyncState
from app.domain.certificates.models import Certificate, CertificateCounter
from app.domain.content.models import ActivityContent
from app.domain.exchanges.models import Exchange
from app.domain.four_eyes.models import Proposal
from app.domain.jobs.models import PeriodicRun
from app.domain.mails.models import Mail
from app.domain.mandates.models import MandateAct
from app.domain.moderation.models import ModeratedText
from app.domain.offers.models import Offer, OfferText, OfferTier
from app.domain.offers.terms_models import OfferChange, OfferDraft
from app.domain.orders.models import Basket, BasketItem, Consent, Order, OrderGroup, OrderLine
from app.domain.payments.bank.models import BankAccount, BankLine, BankStatement, BankTransfer
from app.domain.payments.models import Notification, Payment, PaymentEntry, ProviderPayeeAccount
from app.domain.payments.payee_models import PayeeChange, ReleasePolicy
from app.domain.payments.refund_models import PaymentClaim, PaymentProof, Refund
from app.domain.people.account_models import Invitation, Membership, Organisation, SavedBeneficiary
from app.domain.people.models import LogoutToken, Person, Provider, RegistryAccount, SignIn, SignInAttempt
from app.domain.reconciliation.models import Difference, ReconciliationRun
from app.domain.settings.models import SettingDraft, SettingVersion
from app.domain.tax_documents.models import TaxDocument, TaxSeries
from app.domain.team.models import NoticeOff, TeamMember
from app.domain.threads.models import Complaint, OrderMessage

__all__ = [
    "Activity",
    "ActivityContent",
    "AuditCheck",
    "AuditEvent",
    "AuditSeal",
    "BankAccount",
    "BankLine",
    "BankStatement",
    "BankTransfer",
    "Base",
    "Basket",
    "BasketItem",
    "Block",
    "Cancellation",
    "CancelledRange",
    "Certificate",
    "CertificateCounter",
    "Complaint",
    "Consent",
    "Difference",
    "Exchange",
    "Invitation",
    "LogoutToken",
    "Mail",
    "Mandate",
    "MandateAct",
    "Membership",
    "ModeratedText",
    "NoticeOff",
    "Notification",
    "Offer",
    "OfferChange",
    "OfferDraft",
    "OfferText",
    "OfferTier",
    "Order",
    "OrderGroup",
    "OrderLine",
    "OrderMessage",
    "Organisation",
    "PayeeChange",
    "Payment",
    "PaymentClaim",
    "PaymentEntry",
    "PaymentProof",
    "PeriodicRun",
    "Person",
    "Proposal",
    "Provider",
    "ProviderPayeeAccount",
    "ReconciliationRun",
    "Refund",
    "RegistryAccount",
    "ReleasePolicy",
    "SavedBeneficiary",
    "SettingDraft",
    "SettingVersion",
    "SignIn",
    "SignInAttempt",
    "SyncState",
    "TaxDocument",
    "TaxSeries",
    "TeamMember",
]
