"""veraPDF, a program that nobody here wrote, on PDF/A-3a and PDF/UA-1."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from app.integrations.documents.interface import CertificateData, PresentedTo
from app.integrations.documents.typst_certificates import TypstCertificates
from tests.integrations.documents.examples import AER_LINE, CERTIFICATE, for_lines, in_language, serial_range

ARTIFACT = "org.verapdf.apps:greenfield-apps:1.28.2:jar"
REFEREES = Path(__file__).resolve().parents[3] / "var" / "referees"

CASES: dict[str, CertificateData] = {
    "english": CERTIFICATE,
    "french": in_language("fr"),
    "spanish": in_language("es"),
    "annex": for_lines(
        replace(
            AER_LINE, quantity=400, serial_ranges=tuple(serial_range(1000 * at + 1, 10) for at in range(40))
        )
    ),
    "arabic": for_lines(
        AER_LINE,
        presented_to=PresentedTo("organisation", "public", "جمعية الخبازين النموذجية (ABC) 2026", "MA"),
    ),
    "chinese": for_lines(
        replace(AER_LINE, activity_title="示例风电场 一期"),
        presented_to=PresentedTo("organisation", "public", "示例面包师合作社有限公司", "CN"),
    ),
    "long-word": for_lines(AER_LINE, presented_to=PresentedTo("individual", "public", "W" * 200, None)),
}


def missing(what: str) -> None:
    message = f"veraPDF cannot be asked: {what}"
    if os.environ.get("VCP_REQUIRE_REAL") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def verapdf() -> Path:
    """The program's file, fetched once by Maven and kept under var/."""
    kept = REFEREES / "greenfield-apps-1.28.2.jar"
    if not shutil.which("java"):
        missing("there is no java")
    if not kept.exists():
        if not shutil.which("mvn"):
            missing("there is no mvn to fetch it with")
        # Into a folder of its own, then moved: parallel workers may fetch it at the same time.
        folder = REFEREES / uuid4().hex
        command = [
            "mvn",
            "-q",
            "-B",
            "dependency:copy",
            f"-Dartifact={ARTIFACT}",
            f"-DoutputDirectory={folder}",
        ]
        fetched = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if fetched.returncode:
            missing(f"mvn could not fetch it: {fetched.stdout[-300:]}")
        (folder / kept.name).replace(kept)
        folder.rmdir()
    return kept


@pytest.mark.timeout(360)
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_signed_certificates_conform(
    certificates: TypstCertificates, verapdf: Path, tmp_path: Path, flavour: str
) -> None:
    for name, data in CASES.items():
        (tmp_path / f"{name}.pdf").write_bytes(certificates.render(data, b'{"a":1}'))
    # One start of Java for all of them.
    asked = subprocess.run(
        [
            "java",
            "-cp",
            str(verapdf),
            "org.verapdf.apps.GreenfieldCliWrapper",
            "-f",
            flavour,
            "--format",
            "text",
        ]
        + [str(tmp_path / f"{name}.pdf") for name in CASES],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    answers = {
        Path(line.split()[1]).stem: line.split()[0] for line in asked.stdout.splitlines() if ".pdf" in line
    }
    assert answers == dict.fromkeys(CASES, "PASS"), asked.stdout + asked.stderr
