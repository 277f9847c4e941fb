"""What each role in a provider's team may do, of all that a provider may."""

from app.domain.people.permissions import HOLDERS, Permission, Role
from app.domain.team.models import TeamRole

_P = Permission
_ALL = frozenset(each for each in HOLDERS[Role.PROVIDER] if each.startswith("provider:"))
_READ = frozenset(each for each in _ALL if each.endswith(":read"))

TEAM: dict[TeamRole, frozenset[Permission]] = {
    TeamRole.OWNER: _ALL,
    TeamRole.SALES: _READ
    | {
        _P.PROVIDER_OFFERS_WRITE,
        _P.PROVIDER_MANDATES_WRITE,
        _P.PROVIDER_CONTENT_WRITE,
        _P.PROVIDER_ORDERS_WRITE,
    },
    TeamRole.FINANCE: _READ | {_P.PROVIDER_PAYMENTS_WRITE, _P.PROVIDER_ORDERS_WRITE},
    TeamRole.READER: _READ,
}


def withheld(role: TeamRole) -> frozenset[Permission]:
    """What a provider's person in this role may not do."""
    return _ALL - TEAM[role]
