"""What the pages of the console share: the links to its parts, for the person who is at it."""

from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import gettext as _

from app.domain.people.permissions import Permission
from app.web.support.gate import held_permissions


@dataclass(frozen=True)
class Tab:
    """A part of the console."""

    words: str
    url: str
    current: bool


# Pages that have no tab of their own.
_PARTS = {
    "provider.new_offer": "provider.offers",
    "provider.begin_offer": "provider.offers",
    "provider.offer_draft": "provider.offers",
    "provider.change_offer_draft": "provider.offers",
    "provider.offer_preview": "provider.offers",
    "provider.mandate_to_revoke": "provider.holdings",
    "provider.revoke_mandate": "provider.holdings",
    "provider.ask_again": "provider.holdings",
    "provider.offer": "provider.offers",
    "provider.offer_terms": "provider.offers",
    "provider.change_offer": "provider.offers",
    "provider.offer_to_withdraw": "provider.offers",
    "provider.units_to_add": "provider.offers",
    "provider.add_units": "provider.offers",
    "provider.offer_schedule": "provider.offers",
    "provider.schedule_change": "provider.offers",
    "provider.activity": "provider.activities",
    "provider.add_to_activity": "provider.activities",
    "provider.order": "provider.orders",
    "provider.send_message": "provider.orders",
    "provider.add_document": "provider.orders",
    "provider.tax_series": "provider.home",
    "provider.change_tax_series": "provider.home",
    "provider.payee_account": "provider.payee_accounts",
    "provider.new_payee_account": "provider.payee_accounts",
    "provider.add_payee_account": "provider.payee_accounts",
    "provider.payee_secret": "provider.payee_accounts",
    "provider.replace_payee_secret": "provider.payee_accounts",
    "provider.payee_step": "provider.payee_accounts",
    "provider.take_payee_step": "provider.payee_accounts",
    "provider.bank_details": "provider.payee_accounts",
    "provider.change_bank_details": "provider.payee_accounts",
    "provider.bank_choices": "provider.payee_accounts",
    "provider.choose_for_bank": "provider.payee_accounts",
    "provider.payee_change": "provider.payee_accounts",
    "provider.confirm_payee_change": "provider.payee_accounts",
    "provider.lead_in": "provider.payee_accounts",
    "provider.order_received": "provider.statements",
    "provider.bring_statement": "provider.statements",
    "provider.statement": "provider.statements",
    "provider.change_role": "provider.team",
    "provider.refund": "provider.refunds",
    "provider.refund_sent": "provider.refunds",
    "admin.notifications": "admin.home",
    "provider.opening": "provider.home",
    "provider.profile": "provider.home",
    "provider.change_profile": "provider.home",
    "provider.terms": "provider.home",
    "provider.accept_terms": "provider.home",
    "provider.trial": "provider.payee_accounts",
    "provider.release_policy": "provider.home",
    "provider.change_release_policy": "provider.home",
    "admin.order": "admin.orders",
    "admin.text_decision": "admin.texts",
    "admin.decide_about_text": "admin.texts",
    "admin.content_decision": "admin.texts",
    "admin.decide_about_content": "admin.texts",
    "admin.send_message": "admin.complaints",
    "admin.close_complaint": "admin.complaints",
    "admin.order_decision": "admin.orders",
    "admin.decide": "admin.orders",
    "admin.mail_to_send": "admin.orders",
    "admin.send_mail_again": "admin.orders",
    "admin.provider": "admin.providers",
    "admin.payee_change": "admin.providers",
    "admin.confirm_payee_change": "admin.providers",
    "admin.provider_change": "admin.providers",
    "admin.proposal": "admin.proposals",
    "admin.end_proposal": "admin.proposals",
    "admin.change_provider": "admin.providers",
    "admin.offer": "admin.offers",
    "admin.offer_decision": "admin.offers",
    "admin.decide_offer": "admin.offers",
    "admin.difference": "admin.reconciliation",
    "admin.difference_explanation": "admin.reconciliation",
    "admin.explain": "admin.reconciliation",
    "admin.job_to_retry": "admin.jobs",
    "admin.retry": "admin.jobs",
    "admin.person": "admin.people",
    "admin.person_change": "admin.people",
    "admin.change_person": "admin.people",
    "admin.person_export": "admin.people",
    "admin.export_of_person": "admin.people",
    "admin.person_erasure": "admin.people",
    "admin.erase_for_person": "admin.people",
    "admin.setting": "admin.settings",
    "admin.set_setting": "admin.settings",
    "admin.texts_page": "admin.settings",
    "admin.keep_texts": "admin.settings",
    "admin.read_texts": "admin.settings",
    "admin.publish": "admin.settings",
}


def tabs() -> list[Tab]:
    """The parts that the person at the console may open, the provider's before the administrator's."""
    held = held_permissions()
    places = [
        (Permission.PROVIDER_OFFERS_READ, "provider.home", _("Overview")),
        (Permission.PROVIDER_HOLDINGS_READ, "provider.holdings", _("Holdings")),
        (Permission.PROVIDER_OFFERS_READ, "provider.offers", _("Offers")),
        (Permission.PROVIDER_CONTENT_WRITE, "provider.activities", _("Project pages")),
        (Permission.PROVIDER_ORDERS_READ, "provider.orders", _("Orders")),
        (Permission.PROVIDER_ORDERS_READ, "provider.figures", _("Figures")),
        (Permission.PROVIDER_PAYMENTS_READ, "provider.payee_accounts", _("Getting paid")),
        (Permission.PROVIDER_PAYMENTS_READ, "provider.statements", _("Bank statements")),
        (Permission.PROVIDER_PAYMENTS_READ, "provider.refunds", _("Money to give back")),
        (Permission.PROVIDER_TEAM_READ, "provider.team", _("Team")),
        (Permission.PLATFORM_OVERVIEW_READ, "admin.home", _("Administration")),
        (Permission.PLATFORM_PAYMENTS_READ, "admin.attention", _("To decide")),
        (Permission.PLATFORM_ORDERS_READ, "admin.orders", _("Orders")),
        (Permission.PLATFORM_TEXTS_MODERATE, "admin.texts", _("Texts")),
        (Permission.PLATFORM_ORDERS_READ, "admin.complaints", _("Complaints")),
        (Permission.PLATFORM_OVERVIEW_READ, "admin.proposals", _("To confirm")),
        (Permission.PLATFORM_PROVIDERS_READ, "admin.providers", _("Providers")),
        (Permission.PLATFORM_OFFERS_READ, "admin.offers", _("Offers")),
        (Permission.PLATFORM_PEOPLE_READ, "admin.people", _("People")),
        (Permission.PLATFORM_RECONCILIATION_READ, "admin.reconciliation", _("Comparison")),
        (Permission.PLATFORM_OVERVIEW_READ, "admin.jobs", _("Jobs")),
        (Permission.PLATFORM_AUDIT_READ, "admin.audit", _("Audit trail")),
        (Permission.PLATFORM_SETTINGS_READ, "admin.settings", _("Settings")),
    ]
    endpoint = request.endpoint or ""
    part = _PARTS.get(endpoint, endpoint)
    return [
        Tab(words, url_for(place), place == part) for permission, place, words in places if permission in held
    ]


def init_app(app: Flask) -> None:
    """Give templates `console_tabs()`."""
    app.jinja_env.globals["console_tabs"] = tabs
