"""One attempt at an act over a mandate, and what the person is told of it."""

from uuid import UUID

import structlog
from flask import flash
from flask_babel import gettext as _

from app.domain.mandates.models import ActKind, ActState
from app.extensions import works
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.shells.act_on_mandate import act_on_mandate
from app.web.provider.acting import TokenRefused
from app.web.support.console_words import act_refusal
from app.web.support.filters import tonnes

log = structlog.get_logger(__name__)


def attempt(act_id: UUID, token: str) -> None:
    """Ask the registry about an act that is committed, and leave a message. TokenRefused.

    Where nobody knows the outcome there is no message: the page of holdings shows the act itself, until it is known.
    """
    try:
        settled = act_on_mandate(works(), token, act_id)
    except (TryAgain, OutcomeUnknown) as error:
        log.warning("mandate act open", act=str(act_id), code=error.code)
        return
    except Refused as error:
        raise TokenRefused from error
    units = tonnes(settled.quantity)
    if settled.state == ActState.REFUSED:
        flash(act_refusal(settled.refusal or "") + " " + _("Nothing was changed."), "error")
    elif settled.kind == ActKind.GRANT:
        flash(_("%(units)s are earmarked for sale here.", units=units), "success")
    else:
        flash(_("The mandate is taken back. What remained of it is free again in your account."), "success")
