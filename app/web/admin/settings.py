"""Settings that administrators change while the platform runs: numbers, featured activities, the notice."""

from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.people.permissions import Permission
from app.domain.people.reasons import REASON_MAX, ReasonMissing
from app.domain.settings.change_setting import ChangedMeanwhile, SettingRefused, change_setting
from app.domain.settings.notice import KINDS, Notice
from app.domain.settings.queries import history, newest, version_of
from app.domain.settings.settings import SETTINGS, Kind, Setting
from app.extensions import database, now
from app.i18n import LANGUAGES, language_name
from app.web.admin.blueprint import blueprint
from app.web.admin.change import reason_missing
from app.web.support.gate import elevated, needs, visitor
from app.web.support.setting_words import setting_amount, setting_title
from app.web.support.site_settings import forget_site_settings
from app.web.support.typed import take_typed

SMALL = ", ".join(each.name for each in SETTINGS.values() if each.kind != Kind.TEXTS)
_MINUTES = "%Y-%m-%dT%H:%M"


@blueprint.get("/settings")
@needs(Permission.PLATFORM_SETTINGS_READ)
def settings() -> str:
    """Each setting with its value, and who has set it when and why."""
    set_ones = newest(database())
    rows = [
        (
            each,
            set_ones.get(each.name),
            url_for("admin.texts_page", text=each.name)
            if each.kind == Kind.TEXTS
            else url_for("admin.setting", name=each.name),
        )
        for each in SETTINGS.values()
    ]
    return render_template("admin/settings.html", rows=rows)


@blueprint.get(f"/settings/<any({SMALL}):name>")
@needs(Permission.PLATFORM_SETTINGS_WRITE)
@elevated
def setting(name: str) -> str:
    """The form, with what counts now or what was typed before a detour, and what it was before."""
    typed = take_typed()
    return _page(SETTINGS[name], typed or _fields(name), {})


@blueprint.post(f"/settings/<any({SMALL}):name>")
@needs(Permission.PLATFORM_SETTINGS_WRITE)
@elevated
def set_setting(name: str) -> Response | tuple[str, int]:
    """Change it from now on. `seen`: the version that the form was made from."""
    asked, typed, session = SETTINGS[name], dict(request.form), database()
    seen = typed.get("seen", "")
    errors: dict[str, str] = {}
    try:
        change_setting(
            session,
            name,
            _value(asked, typed, errors),
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0,
            reason=typed.get("reason", ""),
            administrator_id=visitor().person.id,
            now=now(),
            languages=LANGUAGES,
        )
    except ReasonMissing:
        errors["reason"] = reason_missing()
    except SettingRefused as refused:
        field, message = _problem(asked, refused)
        errors[field] = message
    except ChangedMeanwhile:
        session.rollback()
        errors["value"] = _(
            "Somebody else has changed this meanwhile: look at the history below. Nothing of yours was saved; send it again if you still want it."
        )
        typed["seen"] = str(version_of(session, name))
    if errors:
        session.rollback()
        return _page(asked, typed, errors), 422
    session.commit()
    forget_site_settings()
    flash(_("Done. The audit trail says so."), "success")
    return redirect(url_for("admin.settings"), 303)


def _page(asked: Setting, typed: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "admin/setting.html",
        setting=asked,
        typed=typed,
        errors=errors,
        history=history(database(), asked.name),
        shipped_languages=LANGUAGES,
        kinds=KINDS,
        reason_max=REASON_MAX,
    )


def _fields(name: str) -> dict[str, str]:
    """The form as things stand."""
    rows = history(database(), name)
    value: Any = rows[0].value if rows else SETTINGS[name].default
    fields = {"seen": str(rows[0].version if rows else 0), "reason": ""}
    kind = SETTINGS[name].kind
    if kind == Kind.ACTIVITIES:
        return {**fields, "value": "\n".join(value or ())}
    if kind != Kind.NOTICE:
        return {**fields, "value": str(value)}
    found = Notice.from_json(value) if value else Notice("info", {})
    return {
        **fields,
        "kind": found.kind,
        "since": f"{found.since:{_MINUTES}}" if found.since else "",
        "until": f"{found.until:{_MINUTES}}" if found.until else "",
        **{f"text-{language}": found.texts.get(language, "") for language in LANGUAGES},
    }


def _value(asked: Setting, typed: dict[str, str], errors: dict[str, str]) -> Any:
    """What was typed. SettingRefused where it is nothing of the kind; messages beside fields go into `errors`."""
    text = typed.get("value", "").strip()
    if asked.is_number:
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise SettingRefused("range")
        return int(text)
    if asked.kind == Kind.ACTIVITIES:
        return [line.strip() for line in text.splitlines() if line.strip().isprintable() and line.strip()]
    texts = {language: " ".join(typed.get(f"text-{language}", "").split()) for language in LANGUAGES}
    if not any(texts.values()):
        return None
    return Notice(
        typed.get("kind", ""), texts, _moment(typed, "since", errors), _moment(typed, "until", errors)
    )


def _moment(typed: dict[str, str], name: str, errors: dict[str, str]) -> datetime | None:
    text = typed.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.strptime(text, _MINUTES).replace(tzinfo=UTC)
    except ValueError:
        errors[name] = _("Enter a day and a time (UTC), such as 2026-11-30T18:00.")
        return None


def _problem(asked: Setting, refused: SettingRefused) -> tuple[str, str]:
    """The field that it stands beside, and what it says."""
    if refused.problem == "range":
        return "value", _(
            "Enter a whole number, from %(least)s to %(most)s.",
            least=asked.least,
            most=setting_amount(asked.kind, asked.most),
        )
    if refused.problem == "unknown":
        return "value", _("The registry has told us of no activity %(reference)s.", reference=refused.what)
    if refused.problem == "too_many":
        return "value", _("At most %(most)s can be featured.", most=asked.most)
    if refused.problem == "texts":
        return f"text-{refused.what}", _(
            "Write the notice in %(language)s, in %(most)s characters at most.",
            language=language_name(refused.what),
            most=asked.most,
        )
    if refused.problem == "period":
        return "until", _("The end has to come after the beginning.")
    return "value", _("It is like this already: %(title)s.", title=setting_title(asked.name))
