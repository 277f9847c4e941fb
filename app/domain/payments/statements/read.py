"""Read a statement of whatever kind. What is hostile or broken is refused as a whole, with a code that says why."""

from app.domain.payments.statements.camt import read_camt
from app.domain.payments.statements.csv_file import ColumnMap, guess_columns, read_csv, read_rows
from app.domain.payments.statements.lines import MOST_LINES, Statement, StatementRefused, rows_of
from app.domain.payments.statements.mt940 import read_mt940

MOST_BYTES = 10 * 1024 * 1024
_LONGEST_LINE = 100_000
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


class ColumnsUnknown(Exception):
    """A CSV whose columns cannot be guessed: the provider has to say. `head` are the first rows."""

    def __init__(self, head: list[list[str]]) -> None:
        super().__init__(f"{len(head)} rows")
        self.head = head


def read_statement(content: bytes, currency: str, columns: ColumnMap | None = None) -> Statement:
    """The lines of the file. `currency` of the account, `columns` as kept from its last CSV, if any.

    StatementRefused with a code; ColumnsUnknown for a CSV that nobody has explained yet.
    """
    check_size(content)
    statement = _read(content, currency, columns)
    if len(statement.lines) > MOST_LINES:
        raise StatementRefused("too_many_lines")
    if not statement.lines:
        raise StatementRefused("no_lines")
    return statement


def check_size(content: bytes) -> None:
    """What can be said of a file before it is read. StatementRefused."""
    if len(content) > MOST_BYTES:
        raise StatementRefused("too_large")
    if not content.strip():
        raise StatementRefused("empty")


def _read(content: bytes, currency: str, columns: ColumnMap | None) -> Statement:
    head = content[:200].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head.startswith(b"<"):
        return read_camt(content)
    text = _decoded(content)
    if ":20:" in text[:1000] and ":61:" in text:
        return read_mt940(text)
    rows = read_rows(text)
    known = columns if columns is not None and _fits(rows, columns) else guess_columns(rows)
    if known is None:
        raise ColumnsUnknown(rows[:6])
    return read_csv(rows, known, currency)


def _fits(rows: list[list[str]], columns: ColumnMap) -> bool:
    """Has the file at least as many columns as the map names?"""
    named = (
        columns.booked_on,
        columns.amount,
        columns.came_in,
        columns.currency,
        columns.payer,
        *columns.text,
    )
    return bool(rows) and len(rows[0]) > max(named)


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 where it says so or is so, else the West European one that older banking programs write."""
    marked = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), None)
    try:
        text = _decode(content, marked) if marked else content.decode()
    except UnicodeDecodeError:
        text = _decode(content, "cp1252")
    if "\x00" in text or any(len(line) > _LONGEST_LINE for line in rows_of(text)):
        raise StatementRefused("not_text")
    return text


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise StatementRefused("not_text") from error
