"""What the fake registry refuses, and how it hands out serial numbers."""

from app.integrations.errors import Refused
from app.integrations.registry import words
from app.integrations.registry.interface import CancellationRequest, Mandate, SerialRange

Span = tuple[int, int]  # first and last serial number, inclusive

_NOT_IN_FORCE = {
    "revoked": "mandate_revoked",
    "expired": "mandate_revoked",
    "suspended": "account_suspended",
}


def check_request(request: CancellationRequest) -> None:
    """Refused("validation_error") for what the contract's schema does not allow."""
    beneficiary = request.beneficiary
    kept = (
        request.quantity >= 1,
        1 <= len(request.client_reference) <= 64,
        request.purpose in words.PURPOSES,
        len(request.reason or "") <= 256,
        beneficiary.type in words.BENEFICIARY_TYPES,
        beneficiary.disclosure in words.DISCLOSURES,
        len(beneficiary.name or "") <= 200,
        beneficiary.country is None or len(beneficiary.country) == 2,
    )
    if not all(kept):
        raise Refused("validation_error")


def check_mandate(request: CancellationRequest, mandate: Mandate) -> None:
    """Refused when these units may not be cancelled under this mandate."""
    if mandate.status in _NOT_IN_FORCE:
        raise Refused(_NOT_IN_FORCE[mandate.status])
    if mandate.block.status != "active":
        raise Refused("block_not_available", mandate.block.status)
    authorization = mandate.block.authorization
    voluntary = authorization.status == "authorized" and "OP" in authorization.uses
    # Units that the host Party authorized for NDC use alone are not there for voluntary cancellation.
    if mandate.block.unit_class == "AER" and not voluntary:
        raise Refused("purpose_not_authorized")
    if request.quantity > mandate.quantity_remaining:
        raise Refused("insufficient_units")


def take(free: list[Span], quantity: int) -> tuple[list[Span], list[Span]]:
    """The first `quantity` numbers of `free`, and what is left of it."""
    taken: list[Span] = []
    left: list[Span] = []
    for first, last in free:
        count = min(quantity, last - first + 1)
        if count:
            taken.append((first, first + count - 1))
        if first + count <= last:
            left.append((first + count, last))
        quantity -= count
    return taken, left


def serial_range(prefix: str, span: Span) -> SerialRange:
    """The range in the notation of the fake."""
    first, last = span
    return SerialRange(prefix, first, last, last - first + 1, f"{prefix}-{first:08d}-{last:08d}")
