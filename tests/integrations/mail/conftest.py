"""A sandbox mailbox for the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.neighbours import Program, start_mailbox


@pytest.fixture(scope="session")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with start_mailbox(tmp_path_factory.mktemp("mailbox")) as program:
        yield program
