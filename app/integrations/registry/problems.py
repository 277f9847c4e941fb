"""The registry's problem documents (RFC 9457) into typed errors."""

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.http import Response
from app.integrations.registry import fields, words
from app.integrations.registry.interface import DuplicateClientReference


def problem_error(response: Response) -> TryAgain | OutcomeUnknown | Refused:
    """What a 4xx answer means. One that is no problem document is not the registry's own no."""
    if response.status == 401:
        # About our token, never about the units: it heals, and a buyer must not lose an order to it.
        return TryAgain("unauthenticated", "the registry refuses a fresh token")
    try:
        item = fields.as_object(response.json())
        code = fields.text(item, "code")
        detail = fields.absent_or(item, "detail", fields.text, "")
        if code == "duplicate_client_reference":
            return DuplicateClientReference(detail, fields.text(item, "cancellation_id"))
    except (TryAgain, OutcomeUnknown) as error:
        return error
    except fields.Unreadable as error:
        return response.unreadable(str(error))
    if code in words.TRY_AGAIN_CODES:
        return TryAgain(code, detail)
    return Refused(code, detail)
