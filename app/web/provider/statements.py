"""The statement desk: bring a statement, look at what it would do, commit it; decide what no rule can."""

import re
from collections.abc import Sequence
from uuid import UUID

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response as AnyResponse

from app.domain.payments.bank.models import BankAccount, BankStatement, StatementStage
from app.domain.payments.claims.queries import open_claims
from app.domain.payments.statements.csv_file import DATE_FORMATS, ColumnMap
from app.domain.payments.statements.keep import explain_columns, keep_statement, preview_statement
from app.domain.payments.statements.lines import StatementRefused
from app.domain.payments.statements.long_statement import begin_committing, is_under_way
from app.domain.payments.statements.match import Verdict
from app.domain.payments.statements.read import ColumnsUnknown
from app.domain.payments.statements.summary import Summary, summary_of
from app.domain.payments.statements.work_list import bank_accounts_of, own_statement, work_list
from app.domain.people.permissions import Permission
from app.extensions import database, now, works
from app.shells.commit_statement import commit_statement
from app.web.provider.acting import acting_provider
from app.web.provider.blueprint import blueprint
from app.web.support.bank_words import statement_problem
from app.web.support.gate import needs, visitor


@blueprint.get("/statements")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def statements() -> str:
    """The form for a statement, and what waits for somebody."""
    return _page()


@blueprint.post("/statements")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def bring_statement() -> AnyResponse | tuple[str, int]:
    """Keep an uploaded or pasted statement and show what it would do. Nothing is booked by this."""
    accounts = own_bank_accounts()
    chosen = request.form.get("account", "")
    account = next((each for each in accounts if str(each.account_id) == chosen), None)
    if account is None:
        return _page(_("Choose the account that the statement is of.")), 422
    upload = request.files.get("file")
    content = (
        upload.read() if upload is not None and upload.filename else request.form.get("pasted", "").encode()
    )
    try:
        statement = keep_statement(database(), account.account_id, content, visitor().person.id, now())
    except StatementRefused as refused:
        database().rollback()
        return _page(statement_problem(refused)), 422
    database().commit()
    return redirect(url_for("provider.statement", statement=statement.id), 303)


@blueprint.get("/statements/<uuid:statement>")
@needs(Permission.PROVIDER_PAYMENTS_READ)
def statement(statement: UUID) -> AnyResponse:
    """What committing it would do, line by line; or that it has been done. For htmx only how far a job is."""
    found = _own(statement)
    under_way = is_under_way(database(), found.id)
    database().commit()
    if "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers:
        if not under_way:
            return Response(headers={"HX-Refresh": "true"})
        return make_response(render_block("provider/statement_progress.html", "status", statement=found))
    if under_way:
        return make_response(
            render_template("provider/statement_progress.html", provider=acting_provider(), statement=found)
        )
    if found.stage == StatementStage.REFUSED and found.problem is not None:
        return make_response(_page(statement_problem(StatementRefused(**found.problem))), 422)
    try:
        summary = _summary(found)
    except ColumnsUnknown as unknown:
        return make_response(_columns_page(found, unknown.head))
    except StatementRefused as refused:
        return make_response(_page(statement_problem(refused)), 422)
    return make_response(
        render_template(
            "provider/statement.html", provider=acting_provider(), statement=found, summary=summary
        )
    )


@blueprint.post("/statements/<uuid:statement>/columns")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def explain_statement(statement: UUID) -> AnyResponse | tuple[str, int]:
    """Which column of a CSV is what. Kept for the account's next ones."""
    found = _own(statement)
    try:
        columns = _columns()
        explain_columns(database(), found, columns)
    except StatementRefused as refused:
        database().rollback()
        flash(statement_problem(refused), "error")
        return redirect(url_for("provider.statement", statement=statement), 303)
    except ValueError:
        flash(_("Say at least which column is the day, which the amount and which the text."), "error")
        return redirect(url_for("provider.statement", statement=statement), 303)
    database().commit()
    return redirect(url_for("provider.statement", statement=statement), 303)


@blueprint.post("/statements/<uuid:statement>/commit")
@needs(Permission.PROVIDER_PAYMENTS_WRITE)
def commit(statement: UUID) -> AnyResponse:
    """Book what the statement shows, a long one by a job. A second click does nothing more."""
    person = visitor().person.id
    found = _own(statement)
    if found.summary is not None or found.stage == StatementStage.COMMITTING:
        begin_committing(database(), statement, person)
        database().commit()
        return redirect(url_for("provider.statement", statement=statement), 303)
    database().rollback()  # line by line, each in a transaction of its own
    try:
        counts = commit_statement(works(), statement, person)
    except (ColumnsUnknown, StatementRefused):
        return redirect(url_for("provider.statement", statement=statement), 303)
    booked = sum(count for verdict, count in counts.items() if verdict not in _NOT_COUNTED)
    flash(
        ngettext(
            "One line has been taken over. What waits for you is listed below.",
            "%(num)d lines have been taken over. What waits for you is listed below.",
            booked,
        ),
        "done",
    )
    return redirect(url_for("provider.statements"), 303)


def own_bank_accounts() -> Sequence[BankAccount]:
    """The bank accounts of the provider for which the person acts."""
    return bank_accounts_of(database(), acting_provider().id)


_NOT_COUNTED = {
    each.value
    for each in (
        *(Verdict.ALREADY, Verdict.NOT_BOOKED, Verdict.NOTHING, Verdict.OTHER_ACCOUNT),
        *(Verdict.OUTGOING, Verdict.UNKNOWN),
    )
}


def _own(statement_id: UUID) -> BankStatement:
    accounts = [each.account_id for each in own_bank_accounts()]
    found = own_statement(database(), accounts, statement_id)
    if found is None:
        abort(404)
    return found


def _summary(found: BankStatement) -> Summary:
    """As a job has found it, else as everything stands now."""
    if found.summary is not None:
        return Summary.from_json(found.summary)
    return summary_of(preview_statement(database(), found).judged)


def _page(problem: str = "") -> str:
    accounts = own_bank_accounts()
    return render_template(
        "provider/statements.html",
        provider=acting_provider(),
        accounts=accounts,
        claims=open_claims(database(), [each.account_id for each in accounts]),
        todo=work_list(database(), [each.account_id for each in accounts]),
        problem=problem,
        today=now().date(),
        me=visitor().person.id,
    )


def _columns_page(found: BankStatement, head: list[list[str]]) -> str:
    width = max(len(row) for row in head)
    names = [(str(index), f"{index + 1}: {name}") for index, name in enumerate(head[0])]
    return render_template(
        "provider/statement_columns.html",
        provider=acting_provider(),
        statement=found,
        head=[[*row, *[""] * (width - len(row))] for row in head],
        columns=names,
        date_formats=DATE_FORMATS,
    )


def _columns() -> ColumnMap:
    """What the form says. ValueError where it does not say enough."""

    def column(name: str) -> int:
        typed = request.form.get(name, "")
        return int(typed) if re.fullmatch("[0-9]{1,2}", typed) else -1

    columns = ColumnMap(
        booked_on=column("booked_on"),
        text=tuple(index for name in ("text", "text2") if (index := column(name)) >= 0),
        amount=column("amount"),
        came_in=column("came_in"),
        payer=column("payer"),
        currency=column("currency"),
        bank_reference=column("bank_reference"),
        date_format=next(
            (each for each in DATE_FORMATS if each == request.form.get("date_format")), "%Y-%m-%d"
        ),
        decimal_comma=request.form.get("decimal_comma") == "yes",
    )
    if columns.booked_on < 0 or not columns.text or (columns.amount < 0 and columns.came_in < 0):
        raise ValueError("not enough columns")
    return columns
