"""What of a provider's holdings may be offered, and if not, why. Says of a live block what `sellable` says in SQL."""

from app.domain.offers.sellable import VOLUNTARY_USE
from app.integrations.registry.interface import Block


def why_not_offerable(block: Block) -> str | None:
    """A code for the first reason against offering units of this block; None: they may be offered.

    `frozen`, `moved`: in the registry. `ndc_only`, `imp_only`, `no_other_purposes`: what the host Party authorized.
    `authorization_revoked`, `authorization_unknown`, `not_authorized`: the certificate could not say what they are.
    `nothing_free`: all are cancelled or earmarked.
    """
    if block.status != "active":
        return block.status
    if block.unit_class == "AER":
        against = _authorization(block)
        if against is not None:
            return against
    elif block.authorization.status != "not_authorized":
        return "authorization_unknown"
    return None if block.quantity_available else "nothing_free"


def _authorization(block: Block) -> str | None:
    status, uses = block.authorization.status, set(block.authorization.uses)
    if status in ("revoked", "unknown"):
        return f"authorization_{status}"
    if status != "authorized":
        return "not_authorized"
    if VOLUNTARY_USE in uses:
        return None
    return {frozenset({"NDC"}): "ndc_only", frozenset({"IMP"}): "imp_only"}.get(
        frozenset(uses), "no_other_purposes"
    )
