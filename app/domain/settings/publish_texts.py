"""Put the draft of a text into force, as a new version in every language."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.people.reasons import given_reason
from app.domain.settings.change_setting import (
    ChangedMeanwhile,
    SettingRefused,
    add_version,
    locked_values,
    note_change,
)
from app.domain.settings.models import SettingDraft
from app.domain.settings.settings import SETTINGS
from app.domain.settings.texts import Typed, problems_of


class NoDraft(Exception):
    """There is nothing to put into force."""


def publish_texts(
    session: Session,
    name: str,
    shipped: Typed,
    *,
    read_at: datetime,
    reason: str,
    administrator_id: UUID,
    now: datetime,
) -> None:
    """The words count from now on; the draft is gone. Old versions stay as they are. The caller commits.

    `shipped`: the words that came with the platform, in every language that the text must have. `read_at`: when the
    draft that the administrator has read was written. Raises ReasonMissing, NoDraft, SettingRefused (`same`, `texts`),
    ChangedMeanwhile.
    """
    said = given_reason(reason)
    draft = session.execute(
        select(SettingDraft).where(SettingDraft.name == name).with_for_update()
    ).scalar_one_or_none()
    if draft is None:
        raise NoDraft(name)
    if draft.written_at != read_at:
        raise ChangedMeanwhile(name)
    before = locked_values(session, name, draft.base) or shipped
    words = {language: draft.words.get(language, {}) for language in shipped}
    if problems_of(name, words, SETTINGS[name].most):
        raise SettingRefused("texts")
    changed = [
        (language, word)
        for language, texts in words.items()
        for word, text in texts.items()
        if text != before[language][word]
    ]
    if not changed:
        raise SettingRefused("same")
    version = draft.base + 1
    add_version(session, name, words, version, said, administrator_id, now)
    note_change(
        session,
        name,
        {f"{language}.{word}": before[language][word] for language, word in changed},
        {f"{language}.{word}": words[language][word] for language, word in changed},
        version,
        said,
        administrator_id,
        now,
    )
    session.delete(draft)
