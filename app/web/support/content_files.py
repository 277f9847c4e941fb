"""Pictures and documents that providers show: for everybody once they are shown, for whoever looks at them before."""

from flask import Response
from flask_babel import gettext as _

from app.domain.content.models import ActivityContent, ContentKind

# The address carries the content's SHA-256: there is never anything else behind it.
_FOR_EVER = "public, max-age=31536000, immutable"
_POLICY = "default-src 'none'; sandbox"


def public_file(content: bytes, content_type: str, filename: str | None = None) -> Response:
    """A file that is shown; with a name it is something to keep, never shown within our pages."""
    response = _file(content, content_type, filename)
    response.headers["Cache-Control"] = _FOR_EVER
    return response


def private_file(content: ActivityContent) -> Response:
    """A file that may not be shown (yet), for those who look at it. A picture is shown, a document kept. 404 for a summary."""
    if content.content is None or content.content_type is None:
        return Response(status=404)
    name = f"{content.id}.pdf" if content.kind == ContentKind.DOCUMENT else None
    response = _file(content.content, content.content_type, name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def content_problem(kind: ContentKind, code: str) -> str:
    """Why something was not taken, and what to do."""
    picture = kind == ContentKind.PICTURE
    if code == "text_missing":
        return {
            ContentKind.SUMMARY: _("Write the summary."),
            ContentKind.PICTURE: _("Say what the picture shows, for people who cannot see it."),
            ContentKind.DOCUMENT: _("Enter the document’s title."),
        }[kind]
    return {
        "text_too_long": _("This is too long. Shorten it."),
        "empty": _("Choose a file."),
        "too_large": _("The file is larger than 8 MB. Choose a smaller one.")
        if picture
        else _("The file is larger than 10 MB. Choose a smaller one."),
        "wrong_kind": _("The file is no PNG, JPEG or WebP picture, or it is broken. Choose another one.")
        if picture
        else _("The file is no PDF. Choose another one."),
        "too_many_pixels": _("The picture has more than 40 million pixels. Choose a smaller one."),
        "too_small": _("The picture is smaller than 200 pixels on a side. Choose a larger one."),
        "too_many": _("There are as many as are taken. Remove one first."),
    }[code]


def _file(content: bytes, content_type: str, filename: str | None) -> Response:
    response = Response(content, mimetype=content_type)
    if filename is not None:
        response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
