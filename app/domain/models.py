"""Every table, in one place to import, so that the metadata is whole for migrations and tests."""

from app.domain.audit.models import AuditEvent
from app.domain.base import Base
from app.domain.cancellations.models import Cancellation, CancelledRange
from app.domain.catalogue.models import Activity, Block, Mandate, SyncState
from app.domain.certificates.models import Certificate, CertificateCounter
from app.domain.mails.models import Mail
from app.domain.mandates.models import MandateAct
from app.domain.offers.models import Offer
from app.domain.orders.models import Basket, BasketItem, Consent, Order, OrderGroup, OrderLine
from app.domain.payments.bank.models import BankAccount, BankLine, BankStatement, BankTransfer
from app.domain.payments.models import Notification, Payment, PaymentEntry, ProviderPayeeAccount
from app.domain.payments.payee_models import PayeeChange, ReleasePolicy
from app.domain.payments.refund_models import PaymentClaim, PaymentProof, Refund
from app.domain.people.account_models import Invitation, Membership, Organisation, SavedBeneficiary
from app.domain.people.models import LogoutToken, Person, Provider, RegistryAccount, SignIn, SignInAttempt

__all__ = [
    "Activity",
    "AuditEvent",
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
    "Consent",
    "Invitation",
    "LogoutToken",
    "Mail",
    "Mandate",
    "MandateAct",
    "Membership",
    "Notification",
    "Offer",
    "Order",
    "OrderGroup",
    "OrderLine",
    "Organisation",
    "PayeeChange",
    "Payment",
    "PaymentClaim",
    "PaymentEntry",
    "PaymentProof",
    "Person",
    "Provider",
    "ProviderPayeeAccount",
    "Refund",
    "RegistryAccount",
    "ReleasePolicy",
    "SavedBeneficiary",
    "SignIn",
    "SignInAttempt",
    "SyncState",
]
