"""What each event of the trail says: the names of its payload, fixed, so that whoever reads it years later can rely on them.

A new event needs a line here, a new name of an old one, too; `tests/quality/test_audit_payloads.py` holds the calls to it.
An administrator's words are `reason`, or `note` where `reason` is the code of a state.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class WrongPayload(Exception):
    """An event says too much, too little or something else than its line here. Programming error."""


@dataclass(frozen=True)
class Payload:
    """Names that must be there, and names that may."""

    required: frozenset[str]
    optional: frozenset[str]


def _says(names: str = "", maybe: str = "") -> Payload:
    return Payload(frozenset(names.split()), frozenset(maybe.split()))


def _step(maybe: str = "", always: str = "") -> Payload:
    """A step of a state, with what else it may say."""
    return _says(f"step before after {always}", maybe)


PAYLOADS: dict[str, Payload] = {
    "order.step": _step("reason note total units trial"),
    "order.released": _says("", "note"),
    "order.method_changed": _says("before after under_way attempt superseded"),
    "order.line_substituted": _says("line before after unit_price"),
    "order.claimed": _says(),
    "payment.step": _step("reason"),
    "payment.mismatch": _says("found"),
    "payment.entry": _says("kind external_id amount"),
    "payment.excess": _says("net"),
    "payment.short": _says("short"),
    "payment_proof.added": _says("kind sha256"),
    "payment_claim.opened": _says("answer_by"),
    "payment_claim.answered": _says("answer"),
    "payment_claim.escalated": _says("answer_by"),
    "bank_transfer.said_sent": _says("sent_on"),
    "bank_statement.committed": _says("kind counts"),
    "bank_line.decided": _says("act amount"),
    "refund.step": _step("reason cause amount how external_id problem sent_on"),
    "refund.shrunk": _says("before after"),
    "refund.escalated": _says("why"),
    "cancellation.step": _step("registry_id code reason detail"),
    "certificate.issued": _says("number json_sha256"),
    "payee_account.step": _step("code"),
    "payee_account.changed": _says("what", "change_id before after gateway mode currencies"),
    "payee_change.step": _says("step", "before after account_id tail reason"),
    "release_policy.changed": _says("currency before after"),
    "provider.imported": _says("slug"),
    "provider.step": _step("reason"),
    "offer.imported": _says("mandate_id price quantity"),
    "provider.opened": _says("legal_name country accounts"),
    "provider.changed": _says("", "before after what prefix automatic"),
    "provider.terms_accepted": _says("version language text_sha256"),
    "payee_account.tested": _says("amount"),
    "offer.created": _says("mandate_id price quantity languages review"),
    "offer.step": _step("reason units added_to change_id"),
    "offer.changed": _says("before after", "change_id"),
    "offer_change.asked": _says("offer kind due_at", "price"),
    "offer_change.settled": _step("why"),
    "activity_content.added": _says("activity kind language sha256"),
    "activity_content.step": _step("reason by", always="activity kind"),
    "moderated_text.stopped": _says("kind rules"),
    "moderated_text.decided": _step("reason rules", always="kind"),
    "order_message.written": _says(),
    "complaint.opened": _says("kind due_at"),
    "complaint.step": _step("reason note"),
    "proposal.step": _step("reason proposed_by", always="kind about"),
    "mandate_act.step": _says(
        "step", "before after kind account_id block_id mandate_id units units_remaining code"
    ),
    "links.sent": _says("queued"),
    "person.signed_in": _says("realm acr"),
    "person.sign_in_ended": _says("realm why"),
    "person.roles_changed": _says("roles accounts"),
    "person.elevated": _says("realm"),
    "person.profile_changed": _says(),
    "person.exported": _says("", "reason"),
    "person.erased": _says("orders organisations sign_ins_ended", "reason"),
    "person.disabled": _says("reason sign_ins_ended"),
    "person.enabled": _says("reason"),
    "person.signed_out": _says("reason sign_ins_ended"),
    "organisation.created": _says(),
    "organisation.changed": _says(),
    "organisation.member_invited": _says("invitation role"),
    "organisation.invitation_withdrawn": _says("invitation"),
    "organisation.invitation_accepted": _says("invitation role"),
    "organisation.member_changed": _says("member before after"),
    "organisation.member_removed": _says("member"),
    "organisation.member_left": _says("closed"),
    "job.retried": _says("task reason"),
    "mail.sent_again": _says("kind of reason"),
    "team_member.changed": _says("member before after", "reason"),
    "difference.step": _step("reason", always="kind about"),
    "reconciliation_run.asked": _says(),
    "reconciliation_run.ended": _says("mandates cancellations open"),
    "tax_document.added": _says("number sha256"),
    "orders.exported": _says("filters format rows"),
    "setting.changed": _says("name before after version reason"),
    "audit_event.exported": _says("filters"),
    "audit_event.verified": _says("whole rows head hash problems"),
}


def check_payload(event: str, names: Iterable[str]) -> None:
    """WrongPayload unless these are the names that the event's line here asks for and allows."""
    line = PAYLOADS.get(event)
    if line is None:
        raise WrongPayload(f"{event} has no line in app/domain/audit/payloads.py")
    given = set(names)
    missing, strange = line.required - given, given - line.required - line.optional
    if missing or strange:
        raise WrongPayload(f"{event}: missing {sorted(missing)}, not in its line {sorted(strange)}")
