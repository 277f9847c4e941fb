"""Pictures and documents of activities' pages. Their addresses carry the SHA-256 of what is behind them."""

from flask import Response, abort

from app.domain.content.models import ContentKind
from app.domain.content.queries import shown_file
from app.extensions import reading
from app.web.public.blueprint import without_language
from app.web.support.content_files import public_file


@without_language.get("/content/<sha256>.webp")
def picture(sha256: str) -> Response:
    """A picture that is shown, at most 1600 pixels wide."""
    return public_file(_shown(sha256, ContentKind.PICTURE), "image/webp")


@without_language.get("/content/small/<sha256>.webp")
def small_picture(sha256: str) -> Response:
    """The same, as pages show it."""
    return public_file(_shown(sha256, ContentKind.PICTURE, small=True), "image/webp")


@without_language.get("/content/<sha256>.pdf")
def document(sha256: str) -> Response:
    """A document that is shown, to be kept."""
    return public_file(_shown(sha256, ContentKind.DOCUMENT), "application/pdf", f"{sha256[:12]}.pdf")


def _shown(sha256: str, kind: ContentKind, *, small: bool = False) -> bytes:
    found = shown_file(reading(), sha256, kind, small=small)
    if found is None:
        abort(404)
    return found
