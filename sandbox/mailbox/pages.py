"""The web side: a list, one mail, its parts, the same as JSON, and the faults to come."""

import sqlite3

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from sandbox.mailbox.reading import Mail, read_mail
from sandbox.mailbox.store import Store

views = Blueprint("mailbox", __name__, template_folder="templates", static_folder="static")
views.static_url_path = "/static"

_PAGE = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'"
# A mail's own HTML: its styles and inlined pictures, and nothing that it could fetch or run.
_MAIL = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@views.get("/")
def listing() -> ResponseReturnValue:
    """All mails, newest first; ?to= shows those to one address."""
    return render_template("mailbox/list.html", mails=_mails()[::-1], to=request.args.get("to", ""))


@views.get("/messages/<int:number>")
def message(number: int) -> ResponseReturnValue:
    return render_template("mailbox/message.html", mail=_mail(number))


@views.get("/messages/<int:number>/html")
def html(number: int) -> ResponseReturnValue:
    return Response(_mail(number).html, mimetype="text/html", headers={"Content-Security-Policy": _MAIL})


@views.get("/messages/<int:number>/raw")
def raw(number: int) -> ResponseReturnValue:
    return Response(_mail(number).raw, mimetype="text/plain")


@views.get("/messages/<int:number>/attachments/<int:index>")
def attachment(number: int, index: int) -> ResponseReturnValue:
    attachments = _mail(number).attachments
    if index >= len(attachments):
        abort(404)
    part = attachments[index]
    response = Response(part.content, mimetype=part.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=part.filename)
    return response


@views.get("/messages.json")
def messages_json() -> ResponseReturnValue:
    """All mails, oldest first; ?to= gives those to one address."""
    return jsonify([mail.as_json() for mail in _mails()])


@views.get("/messages/<int:number>.json")
def message_json(number: int) -> ResponseReturnValue:
    return jsonify(_mail(number).as_json())


@views.post("/messages/delete")
def delete_from_page() -> ResponseReturnValue:
    _delete()
    return redirect(url_for("mailbox.listing"), 303)


@views.delete("/messages")
def delete_all() -> ResponseReturnValue:
    return jsonify(deleted=_delete())


@views.get("/sandbox/faults")
def faults() -> ResponseReturnValue:
    with _store().transaction() as db:
        rows = db.execute("SELECT code FROM fault ORDER BY id").fetchall()
    return jsonify(queued=[row["code"] for row in rows])


@views.post("/sandbox/faults")
def queue_faults() -> ResponseReturnValue:
    """{"code": 451, "mails": 2}: answer the next mails with this code instead of keeping them."""
    asked = request.get_json()
    code, mails = int(asked.get("code", 451)), int(asked.get("mails", 1))
    if not 400 <= code <= 599:
        abort(400)
    with _store().transaction() as db:
        db.executemany("INSERT INTO fault (code) VALUES (?)", [(code,)] * mails)
    return jsonify(queued=mails)


@views.delete("/sandbox/faults")
def clear_faults() -> ResponseReturnValue:
    with _store().transaction() as db:
        return jsonify(cleared=db.execute("DELETE FROM fault").rowcount)


@views.after_request
def secure(response: Response) -> Response:
    """No script, nothing from elsewhere."""
    response.headers.setdefault("Content-Security-Policy", _PAGE)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _store() -> Store:
    store: Store = current_app.extensions["mailbox"]
    return store


def _rows(query: str, *values: object) -> list[sqlite3.Row]:
    with _store().transaction() as db:
        return db.execute(query, values).fetchall()


def _mails() -> list[Mail]:
    wanted = request.args.get("to", "").strip().lower()
    mails = [read_mail(row) for row in _rows("SELECT * FROM mail ORDER BY id")]
    return [mail for mail in mails if not wanted or wanted in [to.lower() for to in mail.to]]


def _mail(number: int) -> Mail:
    rows = _rows("SELECT * FROM mail WHERE id = ?", number)
    return read_mail(rows[0]) if rows else abort(404)


def _delete() -> int:
    with _store().transaction() as db:
        return db.execute("DELETE FROM mail").rowcount
