"""Terms and statements: written as a draft in every language, read once more, and put into force as a new version."""

from datetime import UTC, date, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.certificates.statements import statement
from app.domain.certificates.words_in_force import shipped_statements, with_words
from app.domain.people.permissions import Permission
from app.domain.people.reasons import REASON_MAX, ReasonMissing
from app.domain.settings.change_setting import ChangedMeanwhile, SettingRefused
from app.domain.settings.keep_draft import keep_draft
from app.domain.settings.models import SettingDraft
from app.domain.settings.publish_texts import NoDraft, publish_texts
from app.domain.settings.queries import draft_of, history, texts
from app.domain.settings.settings import SETTINGS, Kind
from app.domain.settings.texts import WORDS, Typed, fill, problems_of
from app.extensions import database, neighbours, now
from app.i18n import LANGUAGES
from app.integrations.documents.interface import PresentedTo
from app.web.admin.blueprint import blueprint
from app.web.admin.change import reason_missing
from app.web.support.consent_texts import shipped_terms
from app.web.support.gate import elevated, needs, visitor
from app.web.support.typed import take_typed

TEXTS = ", ".join(each.name for each in SETTINGS.values() if each.kind == Kind.TEXTS)
_SELLER = "Sample Stoves Ltd"
_BENEFICIARY = "Sample Bakery"


@blueprint.get(f"/settings/texts/<any({TEXTS}):text>")
@needs(Permission.PLATFORM_SETTINGS_WRITE)
def texts_page(text: str) -> str:
    """The draft, or the words in force; and the versions before."""
    draft = draft_of(database(), text)
    return _page(text, draft.words if draft is not None else _in_force(text), {})


@blueprint.post(f"/settings/texts/<any({TEXTS}):text>")
@needs(Permission.PLATFORM_SETTINGS_WRITE)
def keep_texts(text: str) -> Response | tuple[str, int]:
    """Keep the draft, whatever is wrong with it. `<language>.<word>` are the fields. Nothing is in force by this."""
    typed = {
        language: {word: _clean(request.form.get(f"{language}.{word}", "")) for word in WORDS[text]}
        for language in LANGUAGES
    }
    keep_draft(database(), text, typed, visitor().person.id, now())
    database().commit()
    problems = _problems(text, typed)
    if problems:
        return _page(text, typed, problems), 422
    return redirect(url_for("admin.read_texts", text=text), 303)


@blueprint.get(f"/settings/texts/<any({TEXTS}):text>/publish")
@needs(Permission.PLATFORM_SETTINGS_WRITE)
@elevated
def read_texts(text: str) -> Response | str:
    """The draft as people will read it, and a reason to give."""
    draft = draft_of(database(), text)
    if draft is None or _problems(text, draft.words):
        return redirect(url_for("admin.texts_page", text=text), 303)
    return _read_page(text, draft, {}, take_typed().get("reason", ""))


@blueprint.post(f"/settings/texts/<any({TEXTS}):text>/publish")
@needs(Permission.PLATFORM_SETTINGS_WRITE)
@elevated
def publish(text: str) -> Response | tuple[str, int]:
    """Put the draft that was read into force. `read_at`: when it was written."""
    session = database()
    try:
        publish_texts(
            session,
            text,
            _shipped(text),
            read_at=_read_at(request.form.get("read_at", "")),
            reason=request.form.get("reason", ""),
            administrator_id=visitor().person.id,
            now=now(),
        )
    except ReasonMissing:
        session.rollback()
        draft = draft_of(session, text)
        if draft is None:
            abort(404)
        return _read_page(text, draft, {"reason": reason_missing()}, ""), 422
    except SettingRefused:
        flash(_("These are the words that are in force already."), "wait")
    except (ChangedMeanwhile, NoDraft):
        flash(
            _(
                "Somebody else has changed these words meanwhile. Nothing was put into force; read them once more."
            ),
            "wait",
        )
    else:
        session.commit()
        flash(_("The new version is in force. The audit trail says so."), "success")
        return redirect(url_for("admin.settings"), 303)
    session.rollback()
    return redirect(url_for("admin.texts_page", text=text), 303)


def _page(name: str, words: Typed, problems: dict[str, str]) -> str:
    session = database()
    return render_template(
        "admin/setting_texts.html",
        name=name,
        words=words,
        wanted={word: sorted(wanted) for word, wanted in WORDS[name].items()},
        shipped_languages=LANGUAGES,
        most=SETTINGS[name].most,
        draft=draft_of(session, name),
        errors=problems,
        history=history(session, name),
    )


def _read_page(name: str, draft: SettingDraft, errors: dict[str, str], reason: str) -> str:
    return render_template(
        "admin/setting_publish.html",
        name=name,
        shipped_languages=LANGUAGES,
        preview={language: _preview(name, language, draft.words[language]) for language in LANGUAGES},
        read_at=draft.written_at.isoformat(),
        reason=reason,
        reason_max=REASON_MAX,
        errors=errors,
    )


def _preview(name: str, language: str, words: dict[str, str]) -> list[tuple[str, str]]:
    """Each word as it will be read, with sample names and figures."""
    if name == "terms":
        sample = {"sellers": _SELLER, "seller": _SELLER}
        return [(word, fill(words[word], sample)) for word in WORDS[name]]
    known, somebody = (
        with_words(language, "", words),
        PresentedTo("organisation", "public", _BENEFICIARY, "DE"),
    )

    def said(unit_class: str, quantity: int, uses: tuple[str, ...]) -> str:
        return statement(
            unit_class,
            language,
            quantity=quantity,
            host_party="MW",
            authorized_uses=uses,
            cancelled_on=date(2026, 11, 23),
            presented_to=somebody,
            words=known,
        ).text

    return [
        ("AER.one", said("AER", 1, ("IMP",))),
        ("AER.other", said("AER", 1200, ("NDC", "IMP", "OP"))),
        ("MCER.one", said("MCER", 1, ())),
        ("MCER.other", said("MCER", 1200, ())),
    ]


def _in_force(name: str) -> Typed:
    shipped = _shipped(name)
    found = {language: texts(database(), name, language) for language in LANGUAGES}
    return {language: each.words if each else shipped[language] for language, each in found.items()}


def _shipped(name: str) -> Typed:
    return shipped_terms() if name == "terms" else shipped_statements(LANGUAGES)


def _problems(name: str, typed: Typed) -> dict[str, str]:
    """Field → message."""
    most = SETTINGS[name].most
    found = {
        f"{language}.{word}": _problem(name, word, problem)
        for (language, word), problem in problems_of(name, typed, most).items()
    }
    if name == "statements":
        for language, words in typed.items():
            for word, text in words.items():
                if missing := neighbours().certificates.missing_characters(text):
                    found[f"{language}.{word}"] = _(
                        "The certificate cannot print these characters: %(characters)s.",
                        characters=" ".join(missing),
                    )
    return found


def _problem(name: str, word: str, problem: str) -> str:
    if problem == "missing":
        return _("Write these words, too: every language needs all of them.")
    if problem == "too_long":
        return _("At most %(most)s characters.", most=SETTINGS[name].most)
    wanted = " ".join(f"{{{each}}}" for each in sorted(WORDS[name][word]))
    if wanted:
        return _(
            "These placeholders have to stand in it, and no others: %(placeholders)s", placeholders=wanted
        )
    return _("No placeholder and no brace can stand in it.")


def _clean(text: str) -> str:
    """Lines without blanks at their ends; as browsers send them they end in CR LF."""
    return "\n".join(line.strip() for line in text.replace("\x00", "").splitlines()).strip()


def _read_at(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
