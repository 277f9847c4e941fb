"""Signing out at the identity provider, as far as it answers; here it is done by then."""

from collections.abc import Iterable

import structlog

from app.domain.people.models import Realm
from app.extensions import neighbours, works
from app.integrations.errors import Refused, TryAgain
from app.sealing import SealBroken

log = structlog.get_logger(__name__)


def end_there(refresh_tokens_sealed: Iterable[bytes | None]) -> None:
    """End the provider's sessions of buyers' sign-ins by their refresh tokens, which are forgotten here already."""
    for sealed in refresh_tokens_sealed:
        if sealed is None:
            continue
        try:
            neighbours().identity[Realm.PUBLIC].end_session(works().token_sealer.open(sealed))
        except (Refused, SealBroken):
            continue  # it ended there before
        except TryAgain as error:
            log.warning("not signed out at the identity provider", realm=Realm.PUBLIC.value, code=error.code)
            return
