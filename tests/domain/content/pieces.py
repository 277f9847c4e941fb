"""Pieces of activities' pages for tests, made by the acts themselves."""

from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy.orm import Session

from app.domain.content.add_content import add_content
from app.domain.content.check_picture import Picture, check_picture
from app.domain.content.decide_content import Act, decide_content
from app.domain.content.models import ActivityContent, ContentKind
from app.domain.people.models import Provider
from tests.factories import NOW


def encoded(
    width: int = 320, height: int = 240, kind: str = "PNG", mode: str = "RGB", **options: Any
) -> bytes:
    """A picture file that is a gradient, light on the left."""
    picture = Image.linear_gradient("L").rotate(90).resize((width, height)).convert(mode)
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


@cache
def sample_picture() -> Picture:
    """A picture that was looked at; made once, as encoding takes longer than most tests."""
    return check_picture(encoded())


def make_picture(
    session: Session,
    provider: Provider,
    activity_ref: str,
    person_id: UUID,
    *,
    shown: bool = True,
    text: str = "A stove",
) -> ActivityContent:
    """A picture of an activity's page, shown unless said otherwise. The person adds it and decides about it."""
    made = add_content(
        session,
        provider.id,
        activity_ref,
        ContentKind.PICTURE,
        "en",
        text,
        person_id,
        NOW,
        file=sample_picture(),
    )
    if shown:
        decide_content(session, made.id, Act.SHOW, "It shows the project.", person_id, NOW)
    return made
