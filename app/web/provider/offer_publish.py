"""Publish a draft: the registry earmarks its units, with the person's own token, and they are on offer."""

from datetime import datetime
from uuid import UUID

import structlog
from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.mandates.ask_to_grant import NotGrantable
from app.domain.mandates.models import ActState
from app.domain.offers.draft_terms import TermsRefused
from app.domain.offers.models import OfferState
from app.domain.offers.publish_draft import NotPublishable
from app.domain.offers.terms_models import OfferDraft
from app.domain.people.permissions import Permission
from app.extensions import database, works
from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.shells.publish_offer import publish_offer
from app.web.provider.acting import TokenRefused, own_token
from app.web.provider.blueprint import blueprint
from app.web.provider.offer_draft import draft_here
from app.web.support.console_words import act_refusal, why_not
from app.web.support.filters import tonnes
from app.web.support.gate import needs, visitor

log = structlog.get_logger(__name__)


@blueprint.post("/offers/drafts/<uuid:draft>/publish")
@needs(Permission.PROVIDER_OFFERS_WRITE, Permission.PROVIDER_MANDATES_WRITE)
def publish_offer_draft(draft: UUID) -> Response:
    """`seen` is when the draft was last changed as it was looked at."""
    try:
        seen = datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        abort(400)
    return publish(draft_here(draft), seen)


def publish(draft: OfferDraft, seen: datetime) -> Response:
    """Go as far as the registry lets it, and show what has come of it. TokenRefused."""
    draft_id, token = draft.id, own_token()
    try:
        publish_offer(works(), token, draft_id, visitor().person.id, seen)
    except TermsRefused:
        return redirect(url_for("provider.offer_preview", draft=draft_id), 303)
    except (NotPublishable, NotGrantable) as error:
        flash(why_not(error.code), "error")
        gone = error.code == "thrown_away"
        address = url_for("provider.offers") if gone else url_for("provider.offer_preview", draft=draft_id)
        return redirect(address, 303)
    except (TryAgain, OutcomeUnknown) as error:
        log.warning("offer not published yet", draft=str(draft_id), code=error.code)
    except Refused as error:
        raise TokenRefused from error
    return _outcome(database().get_one(OfferDraft, draft_id))


def _outcome(draft: OfferDraft) -> Response:
    """Where nobody knows it, the list shows the draft with what to do."""
    act, place = draft.act, url_for("provider.offers")
    if draft.offer is not None:
        if draft.offer.state == OfferState.IN_REVIEW:
            flash(_("The offer is made. An administrator looks at it before buyers see it."), "success")
        else:
            flash(_("The offer is published."), "success")
    elif act is None:
        flash(_("The registry does not answer at the moment. The draft is kept."), "wait")
    elif act.state == ActState.REFUSED:
        flash(act_refusal(act.refusal or "") + " " + _("Nothing was changed."), "error")
        place = url_for("provider.offer_draft", draft=draft.id)
    elif act.state == ActState.DONE:
        flash(_("%(units)s are earmarked for sale here.", units=tonnes(act.quantity)), "success")
    return redirect(place, 303)
