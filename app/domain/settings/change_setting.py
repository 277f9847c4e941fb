"""Give a setting another value, in the name of an administrator, who says why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.audit.record import Event, record
from app.domain.catalogue.models import Activity
from app.domain.people.reasons import given_reason
from app.domain.settings.models import SettingVersion
from app.domain.settings.notice import KINDS, Notice
from app.domain.settings.queries import forget, version_of
from app.domain.settings.settings import SETTINGS, Kind, Setting


class SettingRefused(Exception):
    """A value cannot be. `problem`: range, unknown, too_many, texts, period, same; `what` it is about."""

    def __init__(self, problem: str, what: str = "") -> None:
        super().__init__(problem, what)
        self.problem = problem
        self.what = what


class ChangedMeanwhile(Exception):
    """Somebody else has changed it since the administrator looked."""


def change_setting(
    session: Session,
    name: str,
    value: Any,
    *,
    seen: int,
    reason: str,
    administrator_id: UUID,
    now: datetime,
    languages: tuple[str, ...],
) -> None:
    """Let `value` count from now on. The caller commits.

    A whole number; a list of activity references; a Notice, or None for none. `seen`: the version that the administrator
    had before them, 0 where it was never changed; `languages`: in which a notice must be. KeyError for what is no
    setting of these kinds. Raises ReasonMissing, SettingRefused, ChangedMeanwhile.
    """
    said = given_reason(reason)
    setting = SETTINGS[name]
    if setting.kind == Kind.TEXTS:
        raise KeyError(name)
    kept = _checked(session, setting, value, languages)
    before = locked_values(session, name, seen).get("", setting.default)
    if kept == before:
        raise SettingRefused("same")
    add_version(session, name, {"": kept}, seen + 1, said, administrator_id, now)
    note_change(session, name, before, kept, seen + 1, said, administrator_id, now)


def add_version(
    session: Session,
    name: str,
    values: Mapping[str, Any],
    version: int,
    reason: str,
    administrator_id: UUID,
    now: datetime,
) -> None:
    """The rows of a new version, by language; "" where there is none."""
    for language, value in values.items():
        session.add(
            SettingVersion(
                id=uuid4(),
                name=name,
                language=language,
                value=value,
                version=version,
                set_by=administrator_id,
                set_at=now,
                reason=reason,
            )
        )
    session.flush()
    forget(session)


def note_change(
    session: Session,
    name: str,
    before: Any,
    after: Any,
    version: int,
    reason: str,
    administrator_id: UUID,
    now: datetime,
) -> None:
    """For the trail."""
    record(
        session,
        Event.SETTING_CHANGED,
        "setting",
        name,
        now,
        actor="administrator",
        person_id=administrator_id,
        name=name,
        before=before,
        after=after,
        version=version,
        reason=reason,
    )


def locked_values(session: Session, name: str, seen: int) -> dict[str, Any]:
    """The newest values by language. Whoever changes the same setting waits until this transaction ends.

    ChangedMeanwhile unless `seen` is the newest version.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"setting:{name}", 0))))
    forget(session)
    if version_of(session, name) != seen:
        raise ChangedMeanwhile(name)
    wanted = select(SettingVersion).where(SettingVersion.name == name, SettingVersion.version == seen)
    return {row.language: row.value for row in session.scalars(wanted)}


def _checked(session: Session, setting: Setting, value: Any, languages: tuple[str, ...]) -> Any:
    """As it is kept. SettingRefused."""
    if setting.is_number:
        if not setting.least <= value <= setting.most:
            raise SettingRefused("range")
        return value
    if setting.kind == Kind.ACTIVITIES:
        return _activities(session, list(dict.fromkeys(value)), setting.most)
    return _notice(value, setting.most, languages) if value is not None else None


def _activities(session: Session, references: list[str], most: int) -> list[str] | None:
    if len(references) > most:
        raise SettingRefused("too_many")
    known = set(session.scalars(select(Activity.activity_ref).where(Activity.activity_ref.in_(references))))
    for reference in references:
        if reference not in known:
            raise SettingRefused("unknown", reference)
    return references or None


def _notice(notice: Notice, most: int, languages: tuple[str, ...]) -> dict[str, Any]:
    if notice.kind not in KINDS:
        raise SettingRefused("unknown", notice.kind)
    for language in languages:
        text = notice.texts.get(language, "")
        if not text or len(text) > most:
            raise SettingRefused("texts", language)
    if notice.since is not None and notice.until is not None and notice.until <= notice.since:
        raise SettingRefused("period")
    return notice.as_json()
