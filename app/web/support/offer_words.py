"""The words for offers: how one stands, and what happened to it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import pgettext

from app.domain.audit.models import AuditEvent
from app.domain.audit.record import Event
from app.domain.offers.models import Offer
from app.domain.offers.price_for import price_for
from app.domain.offers.queries import Planned
from app.domain.offers.terms_models import ChangeKind, OfferChange, OfferChangeState
from app.domain.people.models import Person
from app.money import Money
from app.web.support import console_words
from app.web.support.filters import day, money, number, tonnes


def offer_standing(code: str) -> str:
    """How an offer stands, in a few words; the codes are those of `OwnOffer.standing`."""
    names = {
        "on_sale": _("On sale"),
        "not_yet": _("Not yet on sale"),
        "ended": pgettext("offer", "Ended"),
        "taken_back": _("Units taken back"),
        "run_out": _("Mandate run out"),
        "all_held": _("All held by orders"),
        "not_on_sale": _("Not on sale"),
    }
    return names.get(code) or console_words.offer_state(code)


def offer_kind(code: str) -> str:
    """The kind of chip that goes with it."""
    if code == "on_sale":
        return "done"
    if code in ("suspended", "taken_back", "run_out"):
        return "trouble"
    return "none" if code in ("withdrawn", "delisted", "sold_out", "ended", "draft") else "wait"


def offer_means(code: str, offer: Offer) -> str:
    """What it means for the provider, as a sentence."""
    if code == "not_yet" and offer.on_sale_from:
        return _("Published, and on sale from %(day)s on (UTC).", day=day(offer.on_sale_from))
    if code == "ended" and offer.on_sale_until:
        return _("Not sold any more since %(day)s (UTC).", day=day(offer.on_sale_until))
    means = {
        "on_sale": _("Buyers can order it."),
        "taken_back": _("The mandate behind it was taken back, so nothing of it can be sold."),
        "run_out": _("The mandate behind it has run out, so nothing of it can be sold."),
        "all_held": _("Orders hold what is left, or fewer tonnes are left than you sell in one order."),
        "not_on_sale": _(
            "Published, but something is in the way: see Holdings, Getting paid and the notices above."
        ),
        "draft": _("Nobody can see it. Change it if need be, then submit it."),
        "in_review": _("An administrator looks at it before buyers see it."),
        "paused": _("You have paused it. Orders already placed go on."),
        "withdrawn": _("It is sold no more. Orders already placed go on."),
        "sold_out": _("All its units are cancelled for buyers."),
        "suspended": _(
            "An administrator has stopped the sale. Orders already placed go on, and can be paid until they expire."
        ),
        "delisted": _(
            "An administrator has taken it off for good. Orders already placed go on, and can be paid until they expire."
        ),
    }
    return means.get(code, "")


def change_words(change: OfferChange) -> str:
    """What is to happen, as a title."""
    if change.kind == ChangeKind.PRICE and change.price_minor is not None:
        return _(
            "New price: %(price)s per tonne", price=money(Money(change.price_minor, change.offer.currency))
        )
    return _("Pause the sale") if change.kind == ChangeKind.PAUSE else _("Resume the sale")


def offer_history(
    rows: Sequence[tuple[AuditEvent, Person | None]], planned: Iterable[Planned]
) -> list[dict[str, Any]]:
    """What happened and what is to come, oldest first, as entries of the timeline component,
    each with `lines` of text that the page sets.

    One act on an offer and on all that was added to it has a row of the trail for each: it is told once.
    """
    told: dict[tuple[datetime, str], dict[str, Any]] = {}
    for row, person in reversed(rows):
        told.setdefault((row.at, str(row.payload.get("step", row.event))), _happened(row, person))
    entries = [*told.values(), *(_was_planned(each) for each in planned)]
    return sorted(entries, key=lambda entry: (entry["state"] == "later", entry["at"]))


def _happened(row: AuditEvent, person: Person | None) -> dict[str, Any]:
    payload = row.payload
    step = str(payload.get("step", ""))
    if row.event == Event.OFFER_CREATED.value:
        title, said = _("Offer made"), []
    elif row.event == Event.OFFER_CHANGED.value:
        title, said = _("Changed"), _changes(payload)
    else:
        title, said = _step(payload), [str(payload["reason"])] if payload.get("reason") else []
    bad = step in ("suspend", "delist", "send_back")
    return {
        "state": "ended" if bad or step == "withdraw" else "done",
        "title": title,
        "at": row.at,
        "lines": _lines(_who(row, person), *said),
    }


def _was_planned(planned: Planned) -> dict[str, Any]:
    change = planned.change
    words, why = change_words(change), ""
    if change.state == OfferChangeState.WAITING:
        return {"state": "later", "title": words, "at": change.due_at, "lines": _lines(planned.person.name)}
    if change.state == OfferChangeState.DROPPED:
        title = _("Did not happen: %(change)s", change=words)
        why = drop_reason(change.problem or "")
    else:
        title = _("No longer scheduled: %(change)s", change=words)
    return {
        "state": "ended",
        "title": title,
        "at": change.settled_at or change.due_at,
        "lines": _lines(planned.person.name, why),
    }


def drop_reason(code: str) -> str:
    """Why a scheduled change was dropped."""
    if code == "terms":
        return _("The prices for larger orders would not have been lower any more.")
    return _("The offer was not in a state for it.")


def _step(payload: dict[str, Any]) -> str:
    if "added_to" in payload:
        return _("Units added: %(units)s", units=tonnes(payload["units"]))
    return {
        "submit": _("Submitted for review"),
        "publish": _("Put on sale"),
        "approve": _("Approved"),
        "send_back": _("Sent back"),
        "pause": _("Paused"),
        "resume": _("Resumed"),
        "sell_out": _("Sold out"),
        "withdraw": pgettext("offer", "Withdrawn"),
        "suspend": pgettext("offer", "Suspended"),
        "reinstate": pgettext("offer", "Reinstated"),
        "delist": pgettext("offer", "Taken off for good"),
    }.get(str(payload.get("step"))) or _("Put on the platform")


def _who(row: AuditEvent, person: Person | None) -> str:
    if row.actor == "administrator":
        return _("An administrator")
    if "change_id" in row.payload:
        return _("As scheduled")
    return person.name if person is not None and person.erased_at is None else ""


def _changes(payload: dict[str, Any]) -> list[str]:
    names = {
        "price": _("Price"),
        "min_quantity": _("Smallest order"),
        "max_quantity": _("Largest order"),
        "on_sale_from": _("On sale from"),
        "on_sale_until": _("On sale until"),
        "tiers": _("Prices for larger orders"),
    }
    lines = [
        _(
            "%(what)s: %(before)s, now %(after)s",
            what=names[name],
            before=_shown(name, before),
            after=_shown(name, payload["after"][name]),
        )
        for name, before in payload["before"].items()
        if name in names
    ]
    return [*lines, _("Another description")] if "texts" in payload["after"] else lines


def _shown(name: str, value: Any) -> str:
    if value is None or value == []:
        return _("none")
    if name == "price":
        return _amount(value)
    if name == "tiers":
        return ", ".join(f"{tonnes(units)} {_amount(price)}" for units, price in value)
    if name.startswith("on_sale"):
        return day(datetime.fromisoformat(value))
    return number(value)


def _amount(text: str) -> str:
    """An amount as the trail has it: 11.20 USD."""
    amount, _, currency = text.partition(" ")
    return money(Money.parse(amount, currency))


def _lines(*texts: str) -> list[str]:
    return [text for text in texts if text]


def decision_subject(what: str) -> str:
    """The subject of a mail about what an administrator has decided."""
    return {
        "approve": _("Your offer is on sale"),
        "send_back": _("Your offer needs another look from you"),
        "suspend": _("Your offer is suspended"),
        "reinstate": _("Your offer is reinstated"),
        "delist": _("Your offer is taken off for good"),
    }[what]


def decision_means(what: str) -> str:
    """What the decision means for the provider, and what to do, as a sentence."""
    return {
        "approve": _("Buyers can order it from now on, or from its first day on."),
        "send_back": _("Change what the reason asks for, then submit the offer once more."),
        "suspend": _(
            "Nobody can order it for now. Orders already placed go on, and can be paid until they expire."
        ),
        "reinstate": _("It is on sale again, unless you had paused it."),
        "delist": _(
            "Orders already placed go on. Take back the units that are left on the page of the offer."
        ),
    }[what]


def init_app(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.filters.update(
        price_for=price_for,
        offer_standing=offer_standing,
        offer_kind=offer_kind,
        offer_means=offer_means,
        offer_change=change_words,
        drop_reason=drop_reason,
        offer_decision_subject=decision_subject,
        offer_decision_means=decision_means,
    )
