"""What PayPal's events mention: whose money, which objects, which of our own ids. Nothing is verified here."""

import json
from dataclasses import dataclass
from typing import Any


class UnreadableEvent(ValueError):
    """The bytes are no event of the shape that PayPal documents."""


@dataclass(frozen=True)
class Mentioned:
    """`payees`: merchant id and e-mail address of each account that is named, "" for what is not said."""

    event_id: str
    event_type: str
    payees: tuple[tuple[str, str], ...]
    tracking_id: str  # our account id, in events about an account itself
    external_ids: tuple[str, ...]  # orders, captures
    references: tuple[str, ...]  # our payment ids


def read_event(raw: bytes) -> Mentioned:
    """What an event mentions. Raises UnreadableEvent."""
    try:
        event = json.loads(raw)
        return _mentioned(event, event["resource"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableEvent(type(error).__name__) from error


def _mentioned(event: Any, resource: Any) -> Mentioned:
    units = resource.get("purchase_units", [])
    disputed = resource.get("disputed_transactions", [])
    event_type = str(event["event_type"])
    parties = [part.get("payee", {}) for part in (resource, *units)]
    # Who is paid pays a refund: the buyer of an order is a payer without a merchant id.
    parties += [party for party in (resource.get("payer", {}),) if "merchant_id" in party]
    parties += [transaction.get("seller", {}) for transaction in disputed]
    if event_type.startswith("MERCHANT."):
        parties.append({"merchant_id": resource.get("merchant_id")})
    payees = [
        (party.get("merchant_id") or "", party.get("email_address") or party.get("email") or "")
        for party in parties
    ]
    references = [part.get("custom_id") for part in (resource, *units)]
    references += [transaction.get("custom") for transaction in disputed]
    return Mentioned(
        event_id=str(event["id"]),
        event_type=event_type,
        payees=tuple(dict.fromkeys((str(each[0]), str(each[1])) for each in payees if any(each))),
        tracking_id=str(resource.get("tracking_id") or ""),
        external_ids=tuple(
            _texts([*_ids(resource), *(each.get("seller_transaction_id") for each in disputed)])
        ),
        references=tuple(_texts(references)),
    )


def _ids(resource: Any) -> list[Any]:
    """Orders and captures that the resource is or belongs to."""
    related = resource.get("supplementary_data", {}).get("related_ids", {})
    # A refund names its capture only by a link.
    above = [link["href"].rsplit("/", 1)[-1] for link in resource.get("links", []) if link["rel"] == "up"]
    return [resource.get("id"), resource.get("order_id"), *related.values(), *above]


def _texts(values: Any) -> list[str]:
    return list(dict.fromkeys(value for value in values if isinstance(value, str)))
