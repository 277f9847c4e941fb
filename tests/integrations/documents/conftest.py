"""A renderer with a key of its own, and how a test reads what it made."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.integrations.documents.fonts import load_fonts
from app.integrations.documents.signing_key import SigningKey, load_or_make_signing_key
from app.integrations.documents.typst_certificates import TypstCertificates


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    path: Path = tmp_path_factory.mktemp("key") / "certificates.pem"
    return load_or_make_signing_key(path, datetime.now(UTC), "Sample platform")


@pytest.fixture(scope="session")
def certificates(signing_key: SigningKey) -> TypstCertificates:
    return TypstCertificates(signing_key, load_fonts())
