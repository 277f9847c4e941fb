"""What the settings are now, and what they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, contains_eager

from app.domain.people.models import Person
from app.domain.settings.models import SettingDraft, SettingVersion
from app.domain.settings.notice import Notice
from app.domain.settings.settings import SETTINGS, Kind

HISTORY_SIZE = 50
_KEPT = "settings"  # in `session.info`

_Values = dict[tuple[str, str], Row[str, str, Any, int, Any]]


@dataclass(frozen=True)
class Texts:
    """The words of one language that administrators have set. `label`: how certificates and consents name the version."""

    label: str
    words: dict[str, str]


def number(session: Session, name: str) -> int:
    """A whole number."""
    setting = SETTINGS[name]
    value = _value(session, name)
    return cast("int", setting.default if value is None else value)


def span(session: Session, name: str) -> timedelta:
    """A number of minutes or days as a time."""
    count = number(session, name)
    return timedelta(minutes=count) if SETTINGS[name].kind == Kind.MINUTES else timedelta(days=count)


def featured_activities(session: Session) -> tuple[str, ...]:
    """References, in their order."""
    return tuple(_value(session, "featured_activities") or ())


def notice(session: Session) -> Notice | None:
    """The notice, whether it is its time or not."""
    value = _value(session, "notice")
    return Notice.from_json(value) if value else None


def texts(session: Session, name: str, language: str) -> Texts | None:
    """The newest words of a language; None: those that came with the platform."""
    row = _values(session).get((name, language))
    return Texts(version_label(row), dict(row.value)) if row is not None else None


def version_of(session: Session, name: str) -> int:
    """How often the setting was changed."""
    return max((row.version for row in _values(session).values() if row.name == name), default=0)


def version_label(row: Any) -> str:
    """2026-12-01.3: the day on which a version was set, and its number."""
    return f"{row.set_at:%Y-%m-%d}.{row.version}"


def history(session: Session, name: str) -> Sequence[SettingVersion]:
    """Its last values, newest first, each with who set it; of texts one row a language."""
    return session.scalars(
        select(SettingVersion)
        .join(SettingVersion.person)
        .where(SettingVersion.name == name)
        .options(contains_eager(SettingVersion.person))
        .order_by(SettingVersion.version.desc(), SettingVersion.language)
        .limit(HISTORY_SIZE)
    ).all()


def newest(session: Session) -> dict[str, SettingVersion]:
    """Each setting that was ever changed, with its newest value and who set it; of texts the first language's."""
    rows = session.scalars(
        select(SettingVersion)
        .ext(distinct_on(SettingVersion.name))
        .join(Person, Person.id == SettingVersion.set_by)
        .options(contains_eager(SettingVersion.person))
        .order_by(SettingVersion.name, SettingVersion.version.desc(), SettingVersion.language)
    )
    return {row.name: row for row in rows}


def draft_of(session: Session, name: str) -> SettingDraft | None:
    """Words that are being written and are not in force."""
    return session.get(SettingDraft, name)


def forget(session: Session) -> None:
    """Read the settings anew: this transaction has changed one."""
    session.info.pop(_KEPT, None)


def _value(session: Session, name: str) -> Any:
    row = _values(session).get((name, ""))
    return row.value if row is not None else None


def _values(session: Session) -> _Values:
    """All newest values, asked for once in a transaction."""
    session.connection()  # begins a transaction, if there is none
    transaction = session.get_transaction()
    kept = session.info.get(_KEPT)
    if kept is not None and kept[0] is transaction:
        return cast("_Values", kept[1])
    rows = session.execute(
        select(
            SettingVersion.name,
            SettingVersion.language,
            SettingVersion.value,
            SettingVersion.version,
            SettingVersion.set_at,
        )
        .ext(distinct_on(SettingVersion.name, SettingVersion.language))
        .order_by(SettingVersion.name, SettingVersion.language, SettingVersion.version.desc())
    )
    values: _Values = {(row.name, row.language): row for row in rows}
    session.info[_KEPT] = (transaction, values)
    return values
