"""What of a provider's holdings may be offered, and if not, why. Says of a block what `sellable` says in SQL."""

from collections.abc import Collection

from app.domain.catalogue import models as catalogue
from app.domain.offers.sellable import VOLUNTARY_USE
from app.integrations.registry.interface import Block


def why_not_offerable(block: Block) -> str | None:
    """A code for the first reason against offering units of this live block; None: they may be offered.

    `frozen`, `moved`: in the registry. `ndc_only`, `imp_only`, `no_other_purposes`: what the host Party authorized.
    `authorization_revoked`, `authorization_unknown`, `not_authorized`: the certificate could not say what they are.
    `nothing_free`: all are cancelled or earmarked.
    """
    authorization = block.authorization
    against = _against(block.status, block.unit_class, authorization.status, authorization.uses)
    return against or (None if block.quantity_available else "nothing_free")


def why_not_sellable(block: catalogue.Block) -> str | None:
    """The same for units that are earmarked already, of a block as last read."""
    return _against(block.status, block.unit_class, block.authorization_status, block.authorization_uses)


def _against(status: str, unit_class: str, authorization: str, uses: Collection[str]) -> str | None:
    if status != "active":
        return status
    if unit_class == "AER":
        return _authorization(authorization, frozenset(uses))
    return None if authorization == "not_authorized" else "authorization_unknown"


def _authorization(status: str, uses: frozenset[str]) -> str | None:
    if status in ("revoked", "unknown"):
        return f"authorization_{status}"
    if status != "authorized":
        return "not_authorized"
    if VOLUNTARY_USE in uses:
        return None
    return {frozenset({"NDC"}): "ndc_only", frozenset({"IMP"}): "imp_only"}.get(uses, "no_other_purposes")
