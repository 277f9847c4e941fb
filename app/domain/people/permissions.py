"""Who may do what: one list of permissions, one map of who holds them. What is whose is asked by query, not here.

A permission is `scope:resource:action`. Scopes: `own` (what concerns the person alone), `organisation` (one that the
person is a member of), `provider` (the provider whose registry account the person represents), `platform` (all).
"""

from collections.abc import Iterable
from enum import StrEnum, unique

from app.domain.people.models import Realm


@unique
class Role(StrEnum):
    """What somebody is here. A person can be several at once; everybody is a guest."""

    GUEST = "guest"
    BUYER = "buyer"  # signed in at the public realm
    ORGANISATION_OWNER = "organisation-owner"
    ORGANISATION_BUYER = "organisation-buyer"
    ORGANISATION_VIEWER = "organisation-viewer"
    PROVIDER = "provider"
    ADMINISTRATOR = "administrator"


@unique
class Permission(StrEnum):
    """Everything that a page may ask for."""

    OWN_PROFILE_READ = "own:profile:read"
    OWN_PROFILE_WRITE = "own:profile:write"
    OWN_ORDERS_READ = "own:orders:read"
    OWN_ORDERS_CLAIM = "own:orders:claim"
    OWN_BENEFICIARIES_WRITE = "own:beneficiaries:write"
    OWN_DATA_EXPORT = "own:data:export"
    OWN_DATA_ERASE = "own:data:erase"
    OWN_ORGANISATIONS_READ = "own:organisations:read"
    OWN_ORGANISATIONS_CREATE = "own:organisations:create"
    OWN_INVITATIONS_ACCEPT = "own:invitations:accept"
    OWN_CONSOLE_OPEN = "own:console:open"

    ORGANISATION_PROFILE_READ = "organisation:profile:read"
    ORGANISATION_PROFILE_WRITE = "organisation:profile:write"
    ORGANISATION_MEMBERS_WRITE = "organisation:members:write"
    ORGANISATION_ORDERS_READ = "organisation:orders:read"
    ORGANISATION_ORDERS_PLACE = "organisation:orders:place"
    ORGANISATION_BENEFICIARIES_WRITE = "organisation:beneficiaries:write"

    PROVIDER_HOLDINGS_READ = "provider:holdings:read"
    PROVIDER_MANDATES_WRITE = "provider:mandates:write"
    PROVIDER_OFFERS_READ = "provider:offers:read"
    PROVIDER_ORDERS_READ = "provider:orders:read"
    PROVIDER_PAYMENTS_READ = "provider:payments:read"
    PROVIDER_PAYMENTS_WRITE = "provider:payments:write"
    PROVIDER_PROFILE_READ = "provider:profile:read"
    PROVIDER_PROFILE_WRITE = "provider:profile:write"
    PROVIDER_OFFERS_WRITE = "provider:offers:write"
    PROVIDER_CONTENT_WRITE = "provider:content:write"
    PROVIDER_ORDERS_WRITE = "provider:orders:write"
    PROVIDER_TEAM_READ = "provider:team:read"
    PROVIDER_TEAM_WRITE = "provider:team:write"

    PLATFORM_OVERVIEW_READ = "platform:overview:read"
    PLATFORM_PROVIDERS_READ = "platform:providers:read"
    PLATFORM_PEOPLE_READ = "platform:people:read"
    PLATFORM_PEOPLE_DISABLE = "platform:people:disable"
    PLATFORM_AUDIT_READ = "platform:audit:read"
    PLATFORM_PAYMENTS_READ = "platform:payments:read"
    PLATFORM_PAYMENTS_DECIDE = "platform:payments:decide"
    PLATFORM_PROVIDERS_DECIDE = "platform:providers:decide"
    PLATFORM_PROPOSALS_DECIDE = "platform:proposals:decide"
    PLATFORM_OFFERS_READ = "platform:offers:read"
    PLATFORM_OFFERS_DECIDE = "platform:offers:decide"
    PLATFORM_TEXTS_MODERATE = "platform:texts:moderate"
    PLATFORM_ORDERS_READ = "platform:orders:read"
    PLATFORM_ORDERS_WRITE = "platform:orders:write"
    PLATFORM_RECONCILIATION_READ = "platform:reconciliation:read"
    PLATFORM_RECONCILIATION_WRITE = "platform:reconciliation:write"
    PLATFORM_JOBS_RETRY = "platform:jobs:retry"
    PLATFORM_PEOPLE_EXPORT = "platform:people:export"
    PLATFORM_PEOPLE_ERASE = "platform:people:erase"
    PLATFORM_SETTINGS_READ = "platform:settings:read"
    PLATFORM_SETTINGS_WRITE = "platform:settings:write"


_P = Permission
_VIEWER = {_P.ORGANISATION_PROFILE_READ, _P.ORGANISATION_ORDERS_READ}
_ORGANISATION_BUYER = _VIEWER | {_P.ORGANISATION_ORDERS_PLACE, _P.ORGANISATION_BENEFICIARIES_WRITE}

HOLDERS: dict[Role, frozenset[Permission]] = {
    Role.GUEST: frozenset(),
    Role.BUYER: frozenset(
        {
            _P.OWN_PROFILE_READ,
            _P.OWN_PROFILE_WRITE,
            _P.OWN_ORDERS_READ,
            _P.OWN_ORDERS_CLAIM,
            _P.OWN_BENEFICIARIES_WRITE,
            _P.OWN_DATA_EXPORT,
            _P.OWN_DATA_ERASE,
            _P.OWN_ORGANISATIONS_READ,
            _P.OWN_ORGANISATIONS_CREATE,
            _P.OWN_INVITATIONS_ACCEPT,
        }
    ),
    Role.ORGANISATION_VIEWER: frozenset(_VIEWER),
    Role.ORGANISATION_BUYER: frozenset(_ORGANISATION_BUYER),
    Role.ORGANISATION_OWNER: frozenset(
        _ORGANISATION_BUYER | {_P.ORGANISATION_PROFILE_WRITE, _P.ORGANISATION_MEMBERS_WRITE}
    ),
    Role.PROVIDER: frozenset(
        {
            _P.OWN_CONSOLE_OPEN,
            _P.PROVIDER_HOLDINGS_READ,
            _P.PROVIDER_MANDATES_WRITE,
            _P.PROVIDER_OFFERS_READ,
            _P.PROVIDER_ORDERS_READ,
            _P.PROVIDER_PAYMENTS_READ,
            _P.PROVIDER_PAYMENTS_WRITE,
            _P.PROVIDER_PROFILE_READ,
            _P.PROVIDER_PROFILE_WRITE,
            _P.PROVIDER_OFFERS_WRITE,
            _P.PROVIDER_CONTENT_WRITE,
            _P.PROVIDER_ORDERS_WRITE,
            _P.PROVIDER_TEAM_READ,
            _P.PROVIDER_TEAM_WRITE,
        }
    ),
    # An administrator watches and stops; acting for a provider takes the provider's own token.
    Role.ADMINISTRATOR: frozenset(
        {
            _P.OWN_CONSOLE_OPEN,
            _P.PLATFORM_OVERVIEW_READ,
            _P.PLATFORM_PROVIDERS_READ,
            _P.PLATFORM_PEOPLE_READ,
            _P.PLATFORM_PEOPLE_DISABLE,
            _P.PLATFORM_AUDIT_READ,
            _P.PLATFORM_PAYMENTS_READ,
            _P.PLATFORM_PAYMENTS_DECIDE,
            _P.PLATFORM_PROVIDERS_DECIDE,
            _P.PLATFORM_PROPOSALS_DECIDE,
            _P.PLATFORM_OFFERS_READ,
            _P.PLATFORM_OFFERS_DECIDE,
            _P.PLATFORM_TEXTS_MODERATE,
            _P.PLATFORM_ORDERS_READ,
            _P.PLATFORM_ORDERS_WRITE,
            _P.PLATFORM_RECONCILIATION_READ,
            _P.PLATFORM_RECONCILIATION_WRITE,
            _P.PLATFORM_JOBS_RETRY,
            _P.PLATFORM_PEOPLE_EXPORT,
            _P.PLATFORM_PEOPLE_ERASE,
            _P.PLATFORM_SETTINGS_READ,
            _P.PLATFORM_SETTINGS_WRITE,
        }
    ),
}

# What the registry's single sign-on calls them. A role that it names and we do not know is nothing here.
_CLAIMED = {"provider": Role.PROVIDER, "registry-administrator": Role.ADMINISTRATOR}


def roles_of(realm: Realm, claimed: Iterable[str]) -> frozenset[Role]:
    """The roles of somebody signed in at `realm`, whose identity provider names the roles `claimed`.

    Roles that somebody else's realm names count for nothing: nobody becomes a provider at the public one.
    """
    if realm == Realm.PUBLIC:
        return frozenset({Role.GUEST, Role.BUYER})
    return frozenset({Role.GUEST} | {_CLAIMED[name] for name in claimed if name in _CLAIMED})


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that these roles hold together."""
    return frozenset().union(*(HOLDERS[role] for role in roles))
