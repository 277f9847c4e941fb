"""A list of orders as a file: CSV goes out while it is read, a spreadsheet is written to the disk first; both in little
memory, and with no connection held while the reader is slow.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.domain.sales.export_orders import COLUMNS, Cell, export_batch
from app.domain.sales.note_export import note_export
from app.domain.sales.wanted import Wanted
from app.extensions import database, now, works
from app.money import Money, exponent
from app.web.support.gate import visitor

CSV, XLSX = "csv", "xlsx"
# What spreadsheets take for a formula at the beginning of a cell; OWASP, "CSV Injection".
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_ROWS = 1_048_575  # of a sheet, beside its heading
_LONGEST_CELL = 32_767
# A number of a sheet is exact to fifteen digits.
_MOST_DIGITS = 15
_KINDS = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK = 64 * 1024
Rows = Iterator[Sequence[Cell]]


def export_response(wanted: Wanted, actor: str, back: str) -> Any:
    """The file that the form asks for as `format`, once the trail knows of it; back to the list where it cannot be."""
    file_format = XLSX if request.form.get("format") == XLSX else CSV
    moment = now()
    count = note_export(database(), wanted, file_format, visitor().person.id, moment, actor=actor)
    if file_format == XLSX and count > _MOST_ROWS:
        database().rollback()
        flash(_("No spreadsheet holds so many orders. Choose less, or take them as CSV."), "error")
        return redirect(back, 303)
    database().commit()
    rows = _rows(works().sessions, wanted, moment)
    response = Response(_csv(rows) if file_format == CSV else _chunks(_spreadsheet(rows)))
    response.headers["Content-Type"] = _KINDS[file_format]
    name = f"orders-{moment:%Y-%m-%d}.{file_format}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _rows(sessions: Callable[[], Session], wanted: Wanted, moment: datetime) -> Rows:
    """Every batch has a session of its own, that is closed before anything of it is sent."""
    last = None
    while True:
        with sessions() as session:
            batch = export_batch(session, wanted, moment, last)
        yield from batch.rows
        if batch.last is None:
            return
        last = batch.last


def csv_text(rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8; the mark at the beginning tells spreadsheets so. Texts that look like formulas get an apostrophe."""
    written = io.StringIO()
    writer = csv.writer(written)
    written.write("\ufeff")
    for row in rows:
        writer.writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in row])
        if written.tell() > _CHUNK:
            yield written.getvalue().encode()
            written.seek(0)
            written.truncate()
    yield written.getvalue().encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(rows: Rows) -> Iterator[bytes]:
    def all_rows() -> Iterator[Sequence[Any]]:
        yield COLUMNS
        for row in rows:
            yield [_plain(cell) for cell in row]

    return csv_text(all_rows())


def _plain(cell: Cell) -> str | int | Decimal | None:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return cell.amount if isinstance(cell, Money) else cell


def _spreadsheet(rows: Rows) -> IO[bytes]:
    """Written row by row into a file that goes when it is closed. Amounts are numbers made of their digits: no float."""
    made = tempfile.TemporaryFile()  # noqa: SIM115 (sent, and closed, after this function)
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss", "remove_timezone": True}
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet()
        heading = book.add_format({"bold": True})
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name, heading)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(COLUMNS) - 1, 16)
        amounts = {
            places: book.add_format({"num_format": "#,##0" + ("." + "0" * places if places else "")})
            for places in (0, 2, 3)
        }
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                _write(sheet, number, column, cell, amounts)
    made.seek(0)
    return made


def _write(sheet: Any, row: int, column: int, cell: Cell, amounts: dict[int, Any]) -> None:
    match cell:
        case None:
            return
        case str():
            sheet.write_string(row, column, cell[:_LONGEST_CELL])
        case datetime():
            sheet.write_datetime(row, column, cell.astimezone(UTC))
        case Money() if len(str(abs(cell.minor))) > _MOST_DIGITS:
            sheet.write_string(row, column, f"{cell.amount:f}")
        case Money():
            sheet.write_number(row, column, cell.amount, amounts[exponent(cell.currency)])
        case _:
            sheet.write_number(row, column, cell)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
