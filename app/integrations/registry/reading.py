"""The registry's JSON into the dataclasses of `interface.py`. Raises `Unreadable`; ignores extra fields."""

from functools import partial

from app.integrations.registry import fields, words
from app.integrations.registry.fields import Json, Unreadable
from app.integrations.registry.interface import (
    Account,
    Activity,
    Attestation,
    Authorization,
    Block,
    Cancellation,
    Document,
    Health,
    Mandate,
    SerialRange,
)


def read_health(item: Json) -> Health:
    return Health(
        status=fields.word(item, "status", words.HEALTH_STATUSES),
        contract_version=fields.text(item, "contract_version"),
        environment=fields.word(item, "environment", words.ENVIRONMENTS),
    )


def read_account(item: Json) -> Account:
    return Account(
        account_id=fields.text(item, "account_id"),
        holder_name=fields.text(item, "holder_name"),
        holder_country=fields.country(item, "holder_country"),
        status=fields.word(item, "status", words.ACCOUNT_STATUSES),
    )


def read_activity(item: Json) -> Activity:
    period: Json = fields.absent_or(item, "crediting_period", fields.inner, {})
    return Activity(
        activity_ref=fields.text(item, "activity_ref"),
        title=fields.text(item, "title"),
        summary=fields.absent_or(item, "summary", fields.text, ""),
        kind=fields.word(item, "kind", words.ACTIVITY_KINDS),
        host_party=fields.country(item, "host_party"),
        sectoral_scopes=fields.wholes(item, "sectoral_scopes", 1, 16),
        technology=fields.text(item, "technology"),
        methodologies=fields.absent_or(item, "methodologies", fields.texts, ()),
        participants=fields.absent_or(item, "participants", fields.texts, ()),
        sdgs=fields.absent_or(item, "sdgs", partial(fields.wholes, least=1, most=17), ()),
        crediting_start=fields.absent_or(period, "start", fields.day, None),
        crediting_end=fields.absent_or(period, "end", fields.day, None),
        documents=_documents(item),
        status=fields.word(item, "status", words.ACTIVITY_STATUSES),
        updated_at=fields.moment(item, "updated_at"),
    )


def read_mandate(item: Json) -> Mandate:
    return Mandate(
        mandate_id=fields.text(item, "mandate_id"),
        account_id=fields.text(item, "account_id"),
        block=read_block(fields.inner(item, "block")),
        quantity=fields.whole(item, "quantity", 1),
        quantity_remaining=fields.whole(item, "quantity_remaining"),
        status=fields.word(item, "status", words.MANDATE_STATUSES),
        expires_at=fields.nullable(item, "expires_at", fields.moment),
        granted_by=fields.text(item, "granted_by"),
        updated_at=fields.moment(item, "updated_at"),
    )


def read_cancellation(item: Json) -> Cancellation:
    rejection_code, rejection_detail = fields.nullable(item, "rejection", _rejection) or (None, None)
    return Cancellation(
        cancellation_id=fields.text(item, "cancellation_id"),
        client_reference=fields.text(item, "client_reference"),
        mandate_id=fields.text(item, "mandate_id"),
        quantity=fields.whole(item, "quantity", 1),
        status=fields.word(item, "status", words.CANCELLATION_STATUSES),
        serial_ranges=tuple(_serial(serial) for serial in fields.inners(item, "serial_ranges")),
        completed_at=fields.nullable(item, "completed_at", fields.moment),
        attestation=fields.nullable(item, "attestation", _attestation),
        rejection_code=rejection_code,
        rejection_detail=rejection_detail,
        updated_at=fields.moment(item, "updated_at"),
    )


def _rejection(cancellation: Json, name: str) -> tuple[str, str]:
    item = fields.inner(cancellation, name)
    return fields.text(item, "code"), fields.text(item, "detail")


def _attestation(cancellation: Json, name: str) -> Attestation:
    item = fields.inner(cancellation, name)
    return Attestation(
        reference=fields.text(item, "reference"),
        issued_at=fields.moment(item, "issued_at"),
        url=fields.nullable(item, "url", fields.link),
    )


def read_block(item: Json) -> Block:
    period = fields.inner(item, "monitoring_period")
    return Block(
        block_id=fields.text(item, "block_id"),
        activity_ref=fields.text(item, "activity_ref"),
        issuance_ref=fields.text(item, "issuance_ref"),
        monitoring_start=fields.day(period, "start"),
        monitoring_end=fields.day(period, "end"),
        vintage=fields.whole(item, "vintage", 2021),
        unit_class=fields.word(item, "unit_class", words.UNIT_CLASSES),
        authorization=_authorization(fields.inner(item, "authorization")),
        first_transferred_at=fields.nullable(item, "first_transferred_at", fields.moment),
        serial=_serial(fields.inner(item, "serial")),
        quantity_available=fields.whole(item, "quantity_available"),
        status=fields.word(item, "status", words.BLOCK_STATUSES),
    )


def _authorization(item: Json) -> Authorization:
    return Authorization(
        status=fields.word(item, "status", words.AUTHORIZATION_STATUSES),
        uses=fields.words(item, "uses", words.AUTHORIZED_USES),
        reference=fields.nullable(item, "reference", fields.text),
        first_transfer=fields.nullable(
            item, "first_transfer", partial(fields.word, words=words.FIRST_TRANSFERS)
        ),
    )


def _serial(item: Json) -> SerialRange:
    serial = SerialRange(
        prefix=fields.text(item, "prefix"),
        start=fields.whole(item, "start", 1),
        end=fields.whole(item, "end", 1),
        count=fields.whole(item, "count", 1),
        printed=fields.text(item, "printed"),
    )
    if serial.count != serial.end - serial.start + 1:
        raise Unreadable("a serial range does not count what it spans")
    return serial


def _documents(item: Json) -> tuple[Document, ...]:
    """Those that a page can link to: one odd address must not keep an activity out of the catalogue."""
    listed: list[Json] = fields.absent_or(item, "documents", fields.inners, [])
    documents = []
    for document in listed:
        title, url = fields.text(document, "title"), fields.link(document, "url")
        if url is not None:
            documents.append(Document(title, url))
    return tuple(documents)
