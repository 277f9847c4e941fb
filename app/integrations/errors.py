"""What can go wrong with a neighbour, in the only three ways that matter to us.

A caller needs no more than this: may I try again, must I ask first, or is the answer no?
"""


class NeighbourError(Exception):
    """An outside system did not do what we asked. `code` is ours or the neighbour's stable one."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class TryAgain(NeighbourError):
    """Nothing happened there. Ask again later, with the same idempotency key."""

    def __init__(self, code: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after  # seconds, as the neighbour asked; None = it did not say


class OutcomeUnknown(NeighbourError):
    """It may or may not have happened: read back before anything is sent again."""


class Refused(NeighbourError):
    """A final no. Sending the same again gives the same answer."""
