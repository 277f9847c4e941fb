"""The renderer as its callers meet it; the fake answers in the same way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from app.domain.certificates.json_twin import to_json
from app.integrations.documents.fake import FakeCertificates
from app.integrations.documents.interface import CertificateRenderer, PresentedTo
from app.integrations.documents.ornament import contour_lines
from app.integrations.documents.typst_certificates import TypstCertificates
from app.integrations.errors import Refused
from tests.integrations.documents.examples import CERTIFICATE, in_language
from tests.integrations.documents.reading import attachments, squeezed_text


@pytest.fixture(params=["typst", "fake"])
def renderer(request: pytest.FixtureRequest, certificates: TypstCertificates) -> CertificateRenderer:
    return certificates if request.param == "typst" else FakeCertificates(unprintable="😀🎉")


def test_it_makes_a_pdf(renderer: CertificateRenderer) -> None:
    assert renderer.render(CERTIFICATE, b"{}").startswith(b"%PDF-1.7")


def test_characters_without_a_glyph_are_named_before_payment(renderer: CertificateRenderer) -> None:
    assert renderer.missing_characters("Party 😀🎉😀 2026") == "😀🎉"


def test_nothing_is_missing_from_what_can_be_printed(renderer: CertificateRenderer) -> None:
    assert renderer.missing_characters("Ñandú, جمعية, 示例 繁體, Пример, हिन्दी\u202e\n") == ""


@pytest.mark.parametrize("field", ["reason", "name", "title"])
def test_a_missing_glyph_is_refused_rather_than_a_box(renderer: CertificateRenderer, field: str) -> None:
    changed = {
        "reason": replace(CERTIFICATE, reason="Party 😀"),
        "name": replace(CERTIFICATE, presented_to=PresentedTo("individual", "public", "Anna 😀", None)),
        "title": replace(CERTIFICATE, lines=(replace(CERTIFICATE.lines[0], activity_title="Wind 😀"),)),
    }
    with pytest.raises(Refused) as refused:
        renderer.render(changed[field], b"{}")
    assert (refused.value.code, refused.value.detail) == ("missing_glyph", "😀")


def test_the_same_data_gives_the_same_bytes(certificates: TypstCertificates) -> None:
    # Another certificate in between, so that nothing of the first is simply kept.
    first = certificates.typeset(CERTIFICATE, b"{}")
    other = certificates.typeset(in_language("fr"), b"{}")
    assert certificates.typeset(CERTIFICATE, b"{}") == first != other


def test_its_date_is_the_issue_time_and_not_the_clock(certificates: TypstCertificates) -> None:
    metadata = PdfReader(BytesIO(certificates.typeset(CERTIFICATE, b"{}"))).metadata
    assert metadata is not None
    assert metadata.creation_date == CERTIFICATE.issued_at
    assert metadata.title == "Certificate of voluntary cancellation VC000123/2026"


def test_the_record_is_attached_as_it_is(certificates: TypstCertificates) -> None:
    twin = to_json(replace(CERTIFICATE, reason="Ünïcode, “quotes” and \u2028 separators"))
    assert attachments(certificates.render(CERTIFICATE, twin)) == {"certificate.json": [twin]}


def test_threads_render_side_by_side(certificates: TypstCertificates) -> None:
    def render(number: int) -> str:
        data = replace(CERTIFICATE, number=f"VC{number:06}/2026")
        return squeezed_text(certificates.render(data, b"{}"))

    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(render, range(24)))
    assert [number for number, text in enumerate(texts) if f"VC{number:06}/2026" not in text] == []


def test_the_lines_at_the_head_are_the_code_s_own() -> None:
    assert contour_lines("K7QM2XW9") == contour_lines("K7QM2XW9")
    assert contour_lines("K7QM2XW9") != contour_lines("K7QM2XW8")


def test_the_fake_remembers_what_it_made() -> None:
    fake = FakeCertificates()
    fake.render(CERTIFICATE, b"{}")
    assert fake.rendered == [CERTIFICATE]
