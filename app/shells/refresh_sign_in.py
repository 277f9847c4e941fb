"""Fresh tokens and roles for somebody who is signed in."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.people.end_sign_in import end_sign_in
from app.domain.people.models import EndedWhy, SignIn
from app.domain.people.renew_sign_in import renew_sign_in
from app.domain.people.sealed_tokens import seal_tokens
from app.integrations.errors import Refused
from app.sealing import SealBroken
from app.shells.works import Works

log = structlog.get_logger(__name__)


class SignInOver(Exception):
    """There are no more tokens for this sign-in: the person has to sign in again."""


def refresh_sign_in(works: Works, sign_in_id: UUID, *, good_for: timedelta) -> SignIn:
    """The sign-in with an access token that lasts for `good_for`; asks the provider only where it is needed.

    SignInOver, TryAgain. The row stays locked while the provider is asked (at most some seconds): a refresh
    token works once, so whoever wants one at the same time waits, and then finds that it has been done. Only
    requests of the same browser ever wait for this.
    """
    with works.sessions() as session:
        sign_in = session.scalar(
            select(SignIn)
            .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
            .options(joinedload(SignIn.person))
            .with_for_update(of=SignIn)
        )
        if sign_in is None:
            raise SignInOver
        if sign_in.access_expires_at - works.now() >= good_for:
            return sign_in
        provider = works.neighbours.identity[sign_in.realm]
        try:
            if sign_in.refresh_sealed is None:
                raise Refused("session_ended")
            fresh = provider.refresh(works.token_sealer.open(sign_in.refresh_sealed), works.now())
            if (fresh.claims.issuer, fresh.claims.subject) != (
                sign_in.person.issuer,
                sign_in.person.subject,
            ):
                raise Refused("subject")
        except (Refused, SealBroken) as refused:
            log.info("sign-in is not renewed", reason=getattr(refused, "code", "sealed with another key"))
            end_sign_in(session, sign_in_id, EndedWhy.REFUSED, works.now())
            session.commit()
            raise SignInOver from refused
        renew_sign_in(
            session, sign_in, fresh.claims, seal_tokens(fresh.tokens, works.token_sealer), works.now()
        )
        session.commit()
        return sign_in
