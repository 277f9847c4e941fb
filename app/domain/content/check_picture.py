"""Read a picture that somebody uploaded, and write it anew: nothing of the file itself is kept or passed on."""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageOps

from app.domain.content.refused import ContentRefused

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000  # decoded, three bytes each; a file of a few kilobytes can claim any number
WIDEST = 1600  # pixels, and as many high
SMALL = 480  # of the picture as pages show it
SMALL_BYTES = 16_000  # of that one at most: several of them lie on a page that is to stay light
_NARROWEST = 200
_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITIES = (60, 45, 30, 15)


@dataclass(frozen=True)
class Picture:
    """A picture as WebP, large and small, without anything but its pixels."""

    content: bytes
    small: bytes
    sha256: str  # of `content`
    width: int  # pixels of `content`
    height: int
    content_type: str = "image/webp"


def check_picture(content: bytes) -> Picture:
    """A PNG, JPEG or WebP picture of at most 8 MB, by its content; of a moving one the first frame.

    ContentRefused: empty, too_large, wrong_kind (or broken), too_many_pixels, too_small.
    """
    if not content:
        raise ContentRefused("empty")
    if len(content) > MOST_BYTES:
        raise ContentRefused("too_large")
    large = _decoded(content)
    small = large.copy()
    small.thumbnail((SMALL, SMALL))
    written = _webp(large, 80)
    return Picture(written, _light(small), sha256(written).hexdigest(), large.width, large.height)


def _decoded(content: bytes) -> Image.Image:
    """Upright, without transparency, at most WIDEST; the size that a file claims is looked at before it is decoded."""
    try:
        picture = Image.open(BytesIO(content), formats=_FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise ContentRefused("too_many_pixels")
        if min(picture.size) < _NARROWEST:
            raise ContentRefused("too_small")
        picture.thumbnail((WIDEST, WIDEST))
        upright = ImageOps.exif_transpose(picture)
        clear = upright.convert("RGBA") if upright.has_transparency_data else None
        flat = Image.new("RGB", upright.size, "white")
        flat.paste(clear or upright.convert("RGB"), mask=clear)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ContentRefused("too_many_pixels") from error
    # What a broken file makes the readers of three formats raise is nowhere listed.
    except (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, MemoryError) as error:
        raise ContentRefused("wrong_kind") from error
    return flat


def _light(picture: Image.Image) -> bytes:
    """As good as it can be in SMALL_BYTES; what is all noise also gets smaller."""
    while True:
        for quality in _QUALITIES:
            written = _webp(picture, quality)
            if len(written) <= SMALL_BYTES:
                return written
        picture = picture.reduce(2)


def _webp(picture: Image.Image, quality: int) -> bytes:
    """`picture` was made here and carries nothing but pixels: no EXIF, no colour profile, no comment."""
    file = BytesIO()
    picture.save(file, "WEBP", quality=quality)
    return file.getvalue()
