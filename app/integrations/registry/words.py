"""The contract's closed word lists. An answer with a word outside its list is unreadable."""

ACCOUNT_STATUSES = frozenset({"open", "suspended", "closed"})
ACTIVITY_KINDS = frozenset({"project", "programme", "component"})
ACTIVITY_STATUSES = frozenset({"registered", "suspended", "deregistered"})
UNIT_CLASSES = frozenset({"AER", "MCER"})
AUTHORIZATION_STATUSES = frozenset({"authorized", "not_authorized", "revoked", "unknown"})
AUTHORIZED_USES = frozenset({"NDC", "IMP", "OP"})
FIRST_TRANSFERS = frozenset({"authorization", "issuance", "use_or_cancellation"})
BLOCK_STATUSES = frozenset({"active", "frozen", "moved"})
MANDATE_STATUSES = frozenset({"active", "exhausted", "revoked", "suspended", "expired"})
CANCELLATION_STATUSES = frozenset({"accepted", "completed", "rejected"})
PURPOSES = frozenset(
    {"voluntary_contribution", "voluntary_compensation", "event", "product", "travel", "other"}
)
BENEFICIARY_TYPES = frozenset({"individual", "organisation"})
DISCLOSURES = frozenset({"public", "anonymous"})
HEALTH_STATUSES = frozenset({"ok", "maintenance"})
ENVIRONMENTS = frozenset({"production", "sandbox"})
EVENT_TYPES = frozenset(
    {"cancellation.completed", "cancellation.rejected", "mandate.changed", "activity.changed"}
)

# Problem codes that are no final no: nothing happened, the same key may be sent again later.
TRY_AGAIN_CODES = frozenset({"idempotency_in_progress", "rate_limited", "registry_unavailable"})
