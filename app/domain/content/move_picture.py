"""Change the order in which an activity's pictures are shown."""

from sqlalchemy.orm import Session

from app.domain.content.models import ActivityContent, ContentKind, ContentState
from app.domain.content.queries import content_for_provider
from app.domain.people.locked import locked_provider


def move_picture(session: Session, picture: ActivityContent, *, earlier: bool) -> None:
    """Let it change places with the picture before it, or after it. Nothing happens at either end.

    The caller has asked whose it is, and commits.
    """
    locked_provider(session, picture.provider_id)
    row = [
        each
        for each in content_for_provider(session, picture.provider_id, picture.activity_ref)
        if each.kind == ContentKind.PICTURE and each.state in (ContentState.WAITING, ContentState.SHOWN)
    ]
    at = next((index for index, each in enumerate(row) if each.id == picture.id), None)
    if at is None:
        return
    other = at - 1 if earlier else at + 1
    if 0 <= other < len(row):
        row[at].position, row[other].position = row[other].position, row[at].position
