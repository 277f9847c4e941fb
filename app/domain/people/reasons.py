"""Why an administrator did something: nothing that others have to live with happens without it."""

REASON_MAX = 500  # characters


class ReasonMissing(Exception):
    """An administrator gave no reason."""


def given_reason(text: str) -> str:
    """The reason as it is kept, at most REASON_MAX characters. Raises ReasonMissing when it says nothing."""
    reason = " ".join(text.split())[:REASON_MAX]
    if not reason:
        raise ReasonMissing
    return reason
