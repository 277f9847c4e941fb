"""Sandbox only, no token asked: misbehave on purpose, act as the registry's staff, read the books. docs/sandbox.md"""

from typing import Any

from flask import Blueprint, json, request

from sandbox.registry import cancellations, checks, events, mandates, serials, shapes
from sandbox.registry.faults import KINDS, Fault
from sandbox.registry.operations import registry
from sandbox.registry.problems import STATUS, Problem, invalid
from sandbox.registry.store import next_change, now

pages = Blueprint("control", __name__, url_prefix="/sandbox")
Json = dict[str, Any]

OPERATIONS = {
    "*",
    "getHealth",
    "listActivities",
    "getActivity",
    "listAccounts",
    "listHoldings",
    "grantMandate",
    "listMandates",
    "getMandate",
    "revokeMandate",
    "requestCancellation",
    "listCancellations",
    "getCancellation",
}
FAULT_FIELDS = {"operation", "times", "seconds", "retry_after", "drop", "acted", "code", "detail"}
BLOCK_ACTIONS = {"freeze": "frozen", "unfreeze": "active", "move": "moved"}
ACCOUNT_ACTIONS = {"suspend": "suspended", "reopen": "open", "close": "closed"}


@pages.post("/faults")
def queue_fault() -> tuple[Json, int]:
    body = checks.json_body()
    checks.fields("", body, {"kind"}, FAULT_FIELDS)
    checks.one_of("kind", body["kind"], KINDS)
    checks.one_of("operation", body.get("operation", "*"), OPERATIONS)
    if body["kind"] == "refuse":
        checks.one_of("code", body.get("code"), set(STATUS))
    if body["kind"] == "accept_later" and body.get("operation") != "requestCancellation":
        raise invalid("operation", "accept_later is for requestCancellation only")
    return registry().faults.add(Fault(**body)).as_dict(), 201


@pages.get("/faults")
def list_faults() -> Json:
    return {"items": registry().faults.waiting()}


@pages.delete("/faults")
def clear_faults() -> tuple[str, int]:
    registry().faults.clear()
    return "", 204


@pages.post("/complete")
def complete() -> Json:
    """Complete, or reject, what is accepted: all, or the one named by `cancellation_id` or `client_reference`."""
    body = checks.json_body()
    checks.fields("", body, set(), {"cancellation_id", "client_reference", "outcome", "code", "detail"})
    outcome = checks.one_of("outcome", body.get("outcome", "completed"), {"completed", "rejected"})
    with registry().store.write() as db:
        done = []
        for row in db.execute(
            f"{shapes.CANCELLATIONS} WHERE c.status = 'accepted' ORDER BY change"
        ).fetchall():
            if any(
                name in body and row[name] != body[name] for name in ("cancellation_id", "client_reference")
            ):
                continue
            if outcome == "completed":
                cancellations.complete(db, row["cancellation_id"])
            else:
                code, detail = (
                    body.get("code", "block_not_available"),
                    body.get("detail", "Refused on purpose."),
                )
                cancellations.reject(db, row["cancellation_id"], code, detail)
            done.append(shapes.cancellation(db, cancellations.find(db, row["cancellation_id"])))
    return {"items": done}


@pages.post("/blocks/<block_id>/<action>")
def change_block(block_id: str, action: str) -> Json:
    status = _choice(BLOCK_ACTIONS, action)
    with registry().store.write() as db:
        _changed(db.execute("UPDATE block SET status = ? WHERE block_id = ?", (status, block_id)).rowcount)
        mandates.touch_block(db, block_id)
        return shapes.block(db.execute(f"{shapes.BLOCKS} WHERE block_id = ?", (block_id,)).fetchone())


@pages.put("/blocks/<block_id>/authorization")
def change_authorization(block_id: str) -> Json:
    """Replace the block's authorization by the contract's Authorization in the body."""
    body = checks.json_body()
    checks.fields("", body, {"status", "uses"}, {"reference", "first_transfer"})
    with registry().store.write() as db:
        changed = db.execute(
            "UPDATE block SET authorization = ? WHERE block_id = ?", (json.dumps(body), block_id)
        )
        _changed(changed.rowcount)
        mandates.touch_block(db, block_id)
        return shapes.block(db.execute(f"{shapes.BLOCKS} WHERE block_id = ?", (block_id,)).fetchone())


@pages.post("/mandates/<mandate_id>/<action>")
def change_mandate(mandate_id: str, action: str) -> Json:
    """revoke, expire, suspend or resume, as if its account or the registry had done it."""
    with registry().store.write() as db:
        mandates.find(db, mandate_id)
        if action in ("suspend", "resume"):
            suspended = action == "suspend"
            db.execute("UPDATE mandate SET suspended = ? WHERE mandate_id = ?", (suspended, mandate_id))
            mandates.touch(db, mandate_id)
        else:
            mandates.end(db, mandate_id, _choice({"revoke": "revoked", "expire": "expired"}, action))
        return shapes.mandate(mandates.find(db, mandate_id))


@pages.post("/accounts/<account_id>/<action>")
def change_account(account_id: str, action: str) -> Json:
    status = _choice(ACCOUNT_ACTIONS, action)
    with registry().store.write() as db:
        _changed(
            db.execute("UPDATE account SET status = ? WHERE account_id = ?", (status, account_id)).rowcount
        )
        mandates.touch_account(db, account_id)
        return shapes.account(
            db.execute("SELECT * FROM account WHERE account_id = ?", (account_id,)).fetchone()
        )


@pages.patch("/activities/<activity_ref>")
def change_activity(activity_ref: str) -> Json:
    """Replace some of the activity's fields by those in the body."""
    body = checks.json_body()
    with registry().store.write() as db:
        row = db.execute("SELECT * FROM activity WHERE activity_ref = ?", (activity_ref,)).fetchone()
        _changed(row is not None)
        known = json.loads(row["body"])
        checks.fields("", body, set(), known.keys() - {"activity_ref"})
        change, at = next_change(db)
        db.execute(
            "UPDATE activity SET body = ?, change = ?, updated_at = ? WHERE activity_ref = ?",
            (json.dumps({**known, **body}), change, at, activity_ref),
        )
        events.tell(db, "activity.changed", activity_ref, at)
        return {**known, **body, "updated_at": at}


@pages.get("/ledger")
def ledger() -> Json:
    """Every mandate with what became of its units: quantity = remaining + reserved + cancelled + released."""
    with registry().store.read() as db:
        items = []
        for row in db.execute(f"{shapes.MANDATES} ORDER BY mandate_id").fetchall():
            mandate_id = row["mandate_id"]
            if request.args.get("mandate_id", mandate_id) != mandate_id:
                continue
            owned = {
                state: serials.ranges_of(db, "mandate_id", mandate_id, state)
                for state in ("earmarked", "reserved", "cancelled")
            }
            size = {state: serials.count(ranges) for state, ranges in owned.items()}
            mine = f"{shapes.CANCELLATIONS} WHERE c.mandate_id = ? ORDER BY c.cancellation_id"
            items.append(
                {
                    "mandate_id": mandate_id,
                    "account_id": row["account_id"],
                    "block_id": row["block_id"],
                    "status": shapes.mandate_status(row),
                    "quantity": row["quantity"],
                    "remaining": size["earmarked"],
                    "reserved": size["reserved"],
                    "cancelled": size["cancelled"],
                    "released": row["quantity"] - sum(size.values()),
                    "earmarked_ranges": owned["earmarked"],
                    "cancellations": [
                        shapes.cancellation(db, each)
                        | {name: each[name] for name in ("purpose", "reason")}
                        | {"beneficiary": json.loads(each["beneficiary"])}
                        for each in db.execute(mine, (mandate_id,)).fetchall()
                    ],
                }
            )
    return {"items": items}


@pages.get("/calls")
def list_calls() -> Json:
    """The calls of the API since the start, oldest first; `?operation=` and `?idempotency_key=` choose."""
    with registry().calls_lock:
        calls = list(registry().calls)
    return {
        "items": [
            call for call in calls if all(call.get(name) == value for name, value in request.args.items())
        ]
    }


@pages.delete("/calls")
def forget_calls() -> tuple[str, int]:
    with registry().calls_lock:
        registry().calls.clear()
    return "", 204


@pages.get("/events")
def list_events() -> Json:
    with registry().store.read() as db:
        return {"items": [dict(row) for row in db.execute("SELECT * FROM event ORDER BY occurred_at, rowid")]}


@pages.post("/events/<action>")
def change_events(action: str) -> Json:
    """pause or resume the sending; or resend what was delivered (`event_id`, or all of them)."""
    sender = registry().sender
    if sender is None:
        raise Problem("not_found", "No webhook was given, so nothing is sent.")
    if _choice({"pause": "pause", "resume": "resume", "resend": "resend"}, action) == "resend":
        only = checks.json_body().get("event_id") if request.is_json else None
        with registry().store.write() as db:
            db.execute(
                "UPDATE event SET delivered_at = NULL, next_at = ? WHERE ? IS NULL OR event_id = ?",
                (now(), only, only),
            )
    else:
        (sender.paused.set if action == "pause" else sender.paused.clear)()
        registry().store.changed.set()
    return {"paused": sender.paused.is_set()}


def _choice(actions: dict[str, str], action: str) -> str:
    if action not in actions:
        raise Problem("not_found", f"The actions are {', '.join(actions)}.")
    return actions[action]


def _changed(found: int | bool) -> None:
    if not found:
        raise Problem("not_found", "There is no such thing.")
