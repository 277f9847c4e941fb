"""Pictures are written anew: nothing of the file is passed on, and no file takes more than it may."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.domain.content import check_document as documents
from app.domain.content import check_picture as pictures
from app.domain.content.check_document import check_document
from app.domain.content.check_picture import SMALL, SMALL_BYTES, WIDEST, check_picture
from app.domain.content.refused import ContentRefused
from tests.domain.content.pieces import encoded


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content), formats=["WEBP"])


def outcome(content: bytes) -> str:
    """Why it is refused; "" where it is not."""
    try:
        check_picture(content)
    except ContentRefused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_large_and_a_small_one(kind: str):
    found = check_picture(encoded(2000, 500, kind))
    large, small = opened(found.content), opened(found.small)
    assert (found.width, found.height) == large.size == (WIDEST, 400)
    assert small.size == (SMALL, 120)
    assert found.content_type == "image/webp"


def test_nothing_is_kept_but_the_pixels_and_they_stand_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: what is light on the left is then light at the top
    exif[0x010F] = "Camera of Ana"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 24.0)  # where it was taken
    found = check_picture(encoded(400, 300, "JPEG", exif=exif, comment=b"by Ana"))
    for content in (found.content, found.small):
        picture = opened(content)
        assert picture.size == (300, 400)
        assert not picture.getexif()
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(picture.info)
        assert b"Ana" not in content
        above, below = (picture.convert("L").getpixel((150, y)) for y in (10, 390))
        assert above != below
    across = [opened(found.content).convert("L").getpixel((x, 200)) for x in (10, 290)]
    assert abs(across[0] - across[1]) < 10


def test_what_is_transparent_is_white():
    picture = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    file = BytesIO()
    picture.save(file, "PNG")
    assert opened(check_picture(file.getvalue()).content).convert("RGB").getpixel((100, 100)) == (
        255,
        255,
        255,
    )


def test_the_small_one_is_light_whatever_the_picture():
    noise = Image.effect_noise((480, 480), 200).convert("RGB")
    file = BytesIO()
    noise.save(file, "PNG")
    assert len(check_picture(file.getvalue()).small) <= SMALL_BYTES


def test_a_bomb_is_refused_before_it_goes_off(monkeypatch: pytest.MonkeyPatch):
    """A file claims a size in its first bytes: a small one can ask for gigabytes."""
    file = encoded(200, 200)
    monstrous = file[:16] + (60_000).to_bytes(4, "big") * 2 + file[24:]
    assert outcome(monstrous) in {"too_many_pixels", "wrong_kind"}
    monkeypatch.setattr(pictures, "MOST_PIXELS", 39_999)
    assert outcome(file) == "too_many_pixels"


def test_what_is_no_picture_is_refused(monkeypatch: pytest.MonkeyPatch):
    assert outcome(b"") == "empty"
    assert outcome(b"%PDF-1.7") == "wrong_kind"
    assert outcome(b'<svg xmlns="http://www.w3.org/2000/svg"/>') == "wrong_kind"
    assert outcome(encoded(kind="GIF")) == "wrong_kind"
    assert outcome(encoded()[:400]) == "wrong_kind"
    assert outcome(encoded(199, 900)) == "too_small"
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)
    assert outcome(b"\x89PNG" + b"0" * 7) == "too_large"


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_a_broken_file_is_refused_or_read(kind: str, at: int, rubbish: bytes):
    file = encoded(kind=kind)
    at %= len(file)
    codes = {"wrong_kind", "too_many_pixels", "too_small"}
    assert outcome(file[:at] + rubbish + file[at + len(rubbish) :]) in {"", *codes}


def test_a_document_is_a_pdf_by_its_content(monkeypatch: pytest.MonkeyPatch):
    assert check_document(b"%PDF-1.7 sample").content_type == "application/pdf"
    monkeypatch.setattr(documents, "MOST_BYTES", 20)
    for content, code in ((b"", "empty"), (b"<html>", "wrong_kind"), (b"%PDF-" + b"0" * 16, "too_large")):
        with pytest.raises(ContentRefused) as refused:
            check_document(content)
        assert refused.value.code == code
