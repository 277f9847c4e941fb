"""Keep the words that an administrator is writing: long texts must survive a mistake, and a second factor that runs out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.settings.models import SettingDraft
from app.domain.settings.queries import version_of
from app.domain.settings.texts import WORDS, Typed


def keep_draft(session: Session, name: str, typed: Typed, person_id: UUID, now: datetime) -> SettingDraft:
    """The draft of a text, in the place of the one before. The caller commits. KeyError for what is no text.

    Nothing is in force by it, and nothing is checked: `problems_of` says what is wrong.
    """
    words = {language: {word: of.get(word, "") for word in WORDS[name]} for language, of in typed.items()}
    values = {
        "base": version_of(session, name),
        "words": words,
        "written_by": person_id,
        "written_at": now,
    }
    session.execute(
        insert(SettingDraft)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )
    return session.get_one(SettingDraft, name, populate_existing=True)
