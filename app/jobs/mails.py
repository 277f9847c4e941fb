"""Mails: a row becomes a message in its reader's language, from `templates/emails/<kind>.txt` and `.html`."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask, render_template
from flask_babel import gettext as _
from jinja2_fragments.flask import render_block
from sqlalchemy.orm import Session

from app.domain.certificates.json_twin import from_json
from app.domain.certificates.models import Certificate
from app.domain.mails.models import Mail
from app.domain.orders.models import Order
from app.domain.orders.queries import orders_of_address
from app.domain.orders.send_links import LOOK_BACK
from app.domain.payments.bank.instructions import Instructions, instructions_of
from app.domain.payments.bank.models import BankTransfer
from app.domain.payments.models import Payment
from app.domain.payments.refund_models import Refund
from app.domain.payments.refunds.hand_over import last_day
from app.domain.payments.refunds.queries import SILENCE, given_back
from app.domain.payments.release_terms import terms_shown
from app.domain.payments.standing import standing
from app.domain.people.account_models import Invitation
from app.domain.people.models import Person
from app.domain.threads.models import OrderMessage
from app.extensions import neighbours
from app.i18n import in_language
from app.integrations.mail.interface import Attachment, Message
from app.links import (
    certificate_file_url,
    certificate_url,
    console_order_url,
    console_url,
    identity_account_url,
    invitation_url,
    notice_url,
    order_messages_url,
    order_url,
    payee_account_url,
    projects_url,
    refund_task_url,
)
from app.sealing import Purpose, Sealer
from app.settings import Settings
from app.shells.deliver import Write

# About an order, to its provider: they never have the buyer's link in them.
TO_THE_SELLER = frozenset(
    {"review_due", "payment_disputed", "message_to_seller", "certificate_late_at_seller"}
)


class NotReady(Exception):
    """The mail tells about something that is not there (yet): the certificate's PDF."""


def mail_writer(pages: Flask, settings: Settings) -> Write:
    """What makes a mail from its row. `pages` is the web application: mails use its words and filters."""

    def write(session: Session, mail: Mail) -> Message:
        with pages.app_context(), in_language(mail.language):
            unsubscribe = _unsubscribe(mail, settings)
            facts = {
                "mail": mail,
                "public_url": settings.public_url,
                "unsubscribe": unsubscribe,
                **_facts(session, mail, settings),
            }
            subject = " ".join(render_block(f"emails/{mail.kind}.txt", "subject", **facts).split())
            return Message(
                id=str(mail.id),
                to=mail.to,
                subject=subject,
                text=render_template(f"emails/{mail.kind}.txt", **facts).strip() + "\n",
                html=render_template(f"emails/{mail.kind}.html", subject=subject, **facts),
                language=mail.language,
                attachments=_attachments(session, mail),
                unsubscribe=unsubscribe,
            )

    return write


def _unsubscribe(mail: Mail, settings: Settings) -> str | None:
    """What ends such notices for whoever gets this one, if anything may."""
    if "notice" not in mail.context:
        return None
    sealer = Sealer(settings.secret_key, Purpose.NOTICES, settings.secret_key_before)
    token = sealer.seal(f"{mail.context['person_id']} {mail.context['notice']}").decode()
    return notice_url(settings.public_url, mail.language, token)


def _facts(session: Session, mail: Mail, settings: Settings) -> dict[str, Any]:
    """What the templates of a kind are given."""
    projects = projects_url(settings.public_url, mail.language)
    if mail.kind == "your_links":
        return {
            "projects": projects,
            "orders": [
                (
                    order,
                    order_url(settings.public_url, mail.language, order.token),
                    standing(session, order),
                )
                for order in orders_of_address(session, mail.to, mail.created_at - LOOK_BACK)
            ],
        }
    if mail.kind == "invitation":
        return _invitation_facts(session, mail, settings)
    if mail.kind == "data_erased":
        return {"identity_account": identity_account_url(settings.public_realm_url)}
    if mail.order_id is None:
        return _console_facts(mail, settings)
    order = session.get_one(Order, mail.order_id)
    if mail.kind in TO_THE_SELLER:
        return {
            "order": order,
            **_thread_facts(session, mail),
            "console_page": console_order_url(settings.public_url, mail.language, order.number),
        }
    facts: dict[str, Any] = {
        **mail.context,
        "order": order,
        "terms": terms_shown(session, order),
        "page": order_url(settings.public_url, mail.language, order.token),
        "projects": projects,
        "payment": _payment(session, mail),
    }
    if mail.kind == "refunded":
        back = given_back(session, order)
        facts["given_back"] = back if back.minor else order.total
    if "refund_id" in mail.context:
        facts |= _refund_facts(session, mail, settings)
    if mail.kind.startswith("transfer_"):
        facts["how"] = _transfer(session, order)
    if mail.kind.startswith("claim_"):
        facts |= {
            "answer_by": datetime.fromisoformat(mail.context["answer_by"]),
            "answer": mail.context.get("answer"),
            "answer_note": mail.context.get("answer_note"),
            "claims": console_url(settings.public_url, mail.language, "claims"),
            "mediate": console_url(settings.public_url, mail.language, f"admin/orders/{order.number}"),
        }
    if mail.kind in ("message_to_buyer", "certificate_late", "complaint_to_mediate"):
        facts |= {
            **_thread_facts(session, mail),
            "messages": order_messages_url(settings.public_url, mail.language, order.token),
            "mediate": console_url(settings.public_url, mail.language, f"admin/orders/{order.number}"),
        }
    if mail.kind == "certificate":
        certificate = _certificate(session, mail)
        facts |= {
            "certificate": certificate,
            "record": from_json(certificate.json_twin),
            "certificate_page": certificate_url(settings.public_url, mail.language, certificate.code),
            "pdf": certificate_file_url(settings.public_url, certificate.code, "pdf"),
            "json": certificate_file_url(settings.public_url, certificate.code, "json"),
        }
    return facts


def _thread_facts(session: Session, mail: Mail) -> dict[str, Any]:
    """What somebody wrote about the order, and until when an answer is due, where the mail is about that."""
    message, answer_by = mail.context.get("message_id"), mail.context.get("answer_by")
    return {
        "message": session.get_one(OrderMessage, UUID(message)) if message else None,
        "answer_by": datetime.fromisoformat(answer_by) if answer_by else None,
    }


def _console_facts(mail: Mail, settings: Settings) -> dict[str, Any]:
    """What is told to whoever works at the console, and its page: `console` of the context, or of a payee account."""
    facts = dict(mail.context)
    if "console" in facts:
        return {**facts, "page": console_url(settings.public_url, mail.language, facts["console"])}
    if facts.get("effective_at"):
        facts["effective_at"] = datetime.fromisoformat(facts["effective_at"])
    return {
        **facts,
        "page": payee_account_url(settings.public_url, mail.language, mail.context["account_id"]),
    }


def _invitation_facts(session: Session, mail: Mail, settings: Settings) -> dict[str, Any]:
    invitation = session.get_one(Invitation, UUID(mail.context["invitation_id"]))
    sealer = Sealer(settings.secret_key, Purpose.INVITATIONS, settings.secret_key_before)
    token = sealer.open(mail.context["token_sealed"].encode())
    return {
        "organisation": invitation.organisation.name,
        "inviter": session.get_one(Person, invitation.invited_by).name or _("Somebody"),
        "role": invitation.role,
        "expires_at": invitation.expires_at,
        "page": invitation_url(settings.public_url, mail.language, token),
    }


def _refund_facts(session: Session, mail: Mail, settings: Settings) -> dict[str, Any]:
    refund = session.get_one(Refund, UUID(mail.context["refund_id"]))
    return {
        "refund": refund,
        "silence_until": refund.changed_at + SILENCE,
        "due_on": last_day(session, refund),
        "task": refund_task_url(settings.public_url, mail.language, str(refund.id)),
    }


def _payment(session: Session, mail: Mail) -> Payment | None:
    """The attempt that the mail is about, where it is about one."""
    payment_id = mail.context.get("payment_id")
    return session.get_one(Payment, UUID(payment_id)) if payment_id else None


def _certificate(session: Session, mail: Mail) -> Certificate:
    return session.get_one(Certificate, UUID(mail.context["certificate_id"]))


def _attachments(session: Session, mail: Mail) -> tuple[Attachment, ...]:
    if mail.kind == "transfer_instructions" and mail.order_id is not None:
        return (_pro_forma(session, session.get_one(Order, mail.order_id)),)
    if mail.kind != "certificate":
        return ()
    certificate = _certificate(session, mail)
    if certificate.pdf is None:
        raise NotReady(certificate.number)
    return (Attachment(certificate.filename, "application/pdf", certificate.pdf),)


def _transfer(session: Session, order: Order) -> Instructions:
    return instructions_of(session, session.get_one(BankTransfer, order.id))


def _pro_forma(session: Session, order: Order) -> Attachment:
    """The pro-forma invoice, in the words of the mail's language, which is the order's."""
    how = _transfer(session, order)
    values = json.loads(render_template("documents/pro_forma_values.txt", order=order, how=how))
    pdf = neighbours().pro_formas.render(values, order.placed_at)
    return Attachment(f"pro-forma-{order.number}.pdf", "application/pdf", pdf)
