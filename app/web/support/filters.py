"""How values are written on pages: in the reader's locale, and always in the same way."""

from datetime import UTC, date, datetime
from decimal import Decimal

from babel import Locale, dates, numbers
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _

from app.domain.audit.queries import reason_of
from app.domain.payments.release_terms import frozen_terms
from app.domain.settings.queries import version_label
from app.integrations.documents.interface import clean_text
from app.money import Money, exponent
from app.web.support import (
    account_words,
    bank_words,
    console_words,
    ledger_words,
    money_words,
    order_words,
    payee_words,
    qr_pictures,
    refund_words,
    release_words,
    setting_words,
    team_words,
    trail_words,
    words,
)


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number,
        tonnes=tonnes,
        money=money,
        day=day,
        moment=moment,
        clock=clock,
        working_days=working_days,
        country=country,
        presented_to=presented_to,
        technology=words.technology,
        scope=words.scope,
        sdg=words.sdg,
        unit_class=words.unit_class,
        use=words.use,
        purpose=words.purpose,
        activity_kind=words.activity_kind,
        order_words=order_words.order_words,
        order_state=order_words.order_state,
        order_kind=order_words.order_kind,
        order_reason=order_words.order_reason,
        registry_reason=order_words.registry_reason,
        cancellation_state=order_words.cancellation_state,
        payment_problem=order_words.payment_problem,
        payment_wait=order_words.payment_wait,
        payee_problem=order_words.payee_problem,
        method=order_words.method,
        release_words=release_words.release_words,
        policy_words=release_words.policy_words,
        frozen_terms=frozen_terms,
        payment_state=ledger_words.payment_state,
        entry_kind=ledger_words.entry_kind,
        service=order_words.service,
        account_tail=money_words.account_tail,
        statement_text=money_words.statement_text,
        refund_state=refund_words.refund_state,
        refund_kind=refund_words.refund_kind,
        refund_cause=refund_words.refund_cause,
        refund_problem=refund_words.refund_problem,
        statement_name=order_words.statement_name,
        payee_told=order_words.payee_told,
        month=month,
        payee_state=payee_words.payee_state,
        payee_kind=payee_words.payee_kind,
        payee_reason=payee_words.payee_reason,
        payee_todo=payee_words.payee_todo,
        payee_mode=payee_words.payee_mode,
        payee_mode_means=payee_words.payee_mode_means,
        payee_change_state=payee_words.change_state,
        payee_news=payee_words.payee_news,
        payee_change_subject=payee_words.change_subject,
        payee_change_news=payee_change_news,
        why_not=console_words.why_not,
        act_refusal=console_words.act_refusal,
        review_reason=console_words.review_reason,
        mandate_status=console_words.mandate_status,
        account_status=console_words.account_status,
        offer_state=console_words.offer_state,
        provider_state=console_words.provider_state,
        provider_kind=console_words.provider_kind,
        job_status=console_words.job_status,
        team_role=team_words.team_role,
        team_role_means=team_words.team_role_means,
        notice_kind=team_words.notice_kind,
        provider_subject=console_words.provider_subject,
        provider_news=console_words.provider_news,
        realm=console_words.realm,
        given_reason=reason_of,
        trail_problem=trail_words.trail_problem,
        setting_title=setting_words.setting_title,
        setting_means=setting_words.setting_means,
        setting_value=setting_words.setting_value,
        setting_unit=setting_words.setting_unit,
        setting_version=version_label,
        word_title=setting_words.word_title,
        account_rows=bank_words.account_rows,
        charges_advice=bank_words.charges_advice,
        code_name=bank_words.code_name,
        code_picture=qr_pictures.code_picture,
        code_file=qr_pictures.code_file,
        verdict=bank_words.verdict,
        verdict_reason=bank_words.verdict_reason,
        plain_amount=bank_words.plain_amount,
        clean=clean_text,
        member_role=account_words.member_role,
        member_role_means=account_words.member_role_means,
    )


def _locale() -> Locale:
    """The reader's. English is the international one, as on certificates: US$11.20, 23 November 2026."""
    locale = get_locale()
    return Locale("en", "001") if str(locale) == "en" else locale


def number(value: int | Decimal) -> str:
    """12345 → 12,345."""
    return numbers.format_decimal(value, locale=_locale())


def tonnes(value: int) -> str:
    """Whole tonnes: 12345 → 12,345 t."""
    return _("%(number)s t", number=number(value))


def money(value: Money) -> str:
    """An amount with all its decimals and a currency nobody can mistake: US$11.20, 11,20 $US."""
    # Babel's own pattern would cut 3-decimal currencies where CLDR says 2; ISO 4217 decides.
    places = exponent(value.currency)
    locale = _locale()
    pattern = numbers.parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (places, places)
    return pattern.apply(value.amount, locale, currency=value.currency, currency_digits=False)


def day(value: date) -> str:
    """23 November 2026; the day in UTC of an instant."""
    if isinstance(value, datetime):
        value = value.astimezone(UTC).date()
    return dates.format_date(value, "long", locale=_locale())


def month(value: date) -> str:
    """November 2026."""
    return dates.format_skeleton("yMMMM", value, locale=_locale())


def moment(value: datetime) -> str:
    """A UTC instant with its zone: 23 November 2026, 14:05:09 UTC."""
    return f"{day(value)}, {value.astimezone(UTC):%H:%M:%S} UTC"


def working_days(value: Decimal) -> str:
    """A median: "in 1.5 working days", "on the same working day"."""
    if not value:
        return _("on the same working day")
    return _("in one working day") if value == 1 else _("in %(days)s working days", days=number(value))


def clock(value: datetime) -> str:
    """A time of day with its zone: 18:42 UTC."""
    return f"{value.astimezone(UTC):%H:%M} UTC"


def payee_change_news(what: str, by: str, effective_at: datetime | str) -> str:
    """What has become of a change of bank details, with the moment as pages write it."""
    at = moment(effective_at) if isinstance(effective_at, datetime) else ""
    return payee_words.change_news(what, by, at)


def country(code: str) -> str:
    """BR → Brazil. A code unknown to CLDR is shown as it is."""
    return str(get_locale().territories.get(code, code))


def presented_to(name: str | None, kind: str, country_code: str | None) -> str:
    """Whom a certificate names: "Sample Bakery", "An individual, Germany", "An organisation, Germany".

    `name` is None where the beneficiary stays anonymous.
    """
    if name is not None:
        return name
    individual = kind == "individual"
    if country_code is None:
        return _("An individual") if individual else _("An organisation")
    if individual:
        return _("An individual, %(country)s", country=country(country_code))
    return _("An organisation, %(country)s", country=country(country_code))
