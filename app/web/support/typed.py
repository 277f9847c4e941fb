"""What was typed into a form whose sender had to prove who they are first: kept for when they come back.

It is in the browser's signed session cookie, for one page at a time, and only short texts are.
"""

from flask import request, session

_TYPED = "typed"
_AT_MOST = 500  # characters of one field
_NEVER = {"csrf_token", "secret"}  # the cookie is signed, not encrypted


def keep_typed() -> None:
    """Remember the fields of the form that was sent to this address; nothing if none was."""
    if request.method != "POST":
        return
    fields = {
        name: text for name, text in request.form.items() if name not in _NEVER and len(text) <= _AT_MOST
    }
    session[_TYPED] = [request.path, fields]


def take_typed() -> dict[str, str]:
    """The fields that were sent to this very address before the detour, once; else none."""
    path, fields = session.get(_TYPED) or ("", {})
    if path != request.path:
        return {}
    del session[_TYPED]
    return dict(fields)
