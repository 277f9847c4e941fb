"""A table as CSV, row by row, that a spreadsheet opens without running anything of it."""

import csv
import io
from collections.abc import Iterable, Iterator

# A cell that begins so is a formula to a spreadsheet; whoever wrote the text may be anybody.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_stream(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """Its bytes: UTF-8 with a mark, lines ended as RFC 4180 has it. A text that looks like a formula gets a ' before it."""
    line = io.StringIO()
    write = csv.writer(line).writerow
    yield "\ufeff".encode()
    write(head)
    yield _taken(line)
    for cells in rows:
        write([_plain(cell) for cell in cells])
        yield _taken(line)


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _taken(line: io.StringIO) -> bytes:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text.encode()
