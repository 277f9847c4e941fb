"""The words for texts that somebody looks at before the public reads them, and for what providers show of an activity."""

from decimal import Decimal

from flask import Flask
from flask_babel import gettext as _
from flask_babel import pgettext

from app.web.support.filters import number


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        rule_words=rule_words,
        text_kind=text_kind,
        text_state=text_state,
        text_state_kind=text_state_kind,
        content_kind=content_kind,
        content_state=content_state,
        text_taken_down=text_taken_down,
        file_size=file_size,
    )


def file_size(size: int) -> str:
    """Bytes as a reader understands them: 830 kB, 2.4 MB."""
    if size < 1_000_000:
        return _("%(number)s kB", number=number(max(size // 1000, 1)))
    return _("%(number)s MB", number=number(Decimal(size // 100_000).scaleb(-1)))


def rule_words(code: str) -> str:
    """What a rule looks for, in a few words."""
    return {
        "claim": _("Claim that consumers must not be given"),
        "email_address": _("E-mail address"),
        "web_address": _("Web address"),
        "telephone": _("Telephone number"),
        "messenger": _("Name at a messenger or network"),
        "abuse": _("Abuse"),
        "characters": _("Characters that hide or overprint something"),
    }[code]


def rule_why(code: str) -> str:
    """Why somebody looks at words that meet a rule, as a sentence to whoever wrote them."""
    if code == "claim":
        return _(
            "A cancellation does not make anybody or anything neutral, and European law (Directive (EU) 2024/825) bans "
            "such claims about products since September 2026."
        )
    if code == "abuse":
        return _("This may hurt somebody.")
    if code == "characters":
        return _("This character hides or overprints others.")
    return _("This looks like a way to reach somebody, and what is published stays public for good.")


def text_kind(code: str) -> str:
    """What a text is."""
    return {
        "beneficiary_name": _("Public name"),
        "reason": _("Reason"),
        "offer_text": _("Description of an offer"),
    }[code]


def text_state(code: str) -> str:
    """Whether a text is shown."""
    return {
        "waiting": pgettext("text", "Waits for a look"),
        "shown": pgettext("text", "Shown"),
        "taken_down": pgettext("text", "Taken down"),
    }[code]


def text_state_kind(code: str) -> str:
    """The kind of chip that goes with `text_state` and `content_state`."""
    return {"waiting": "wait", "shown": "done", "taken_down": "trouble", "refused": "trouble"}.get(
        code, "none"
    )


def content_kind(code: str) -> str:
    """What a provider has written or added."""
    return {
        "summary": _("Summary"),
        "picture": _("Picture"),
        "document": _("Document"),
        "offer_text": _("Description of an offer"),
    }[code]


def text_taken_down(code: str) -> str:
    """That words of a buyer are not shown, as a sentence to them."""
    return {
        "beneficiary_name": _(
            "An administrator has looked at the name on your certificate, and its public page does not show it."
        ),
        "reason": _(
            "An administrator has looked at the reason on your certificate, and its public page does not show it."
        ),
    }[code]


def content_state(code: str) -> str:
    """How a piece of an activity's page stands."""
    return {
        "waiting": pgettext("text", "Waits for a look"),
        "shown": pgettext("text", "Shown"),
        "refused": pgettext("text", "Not shown"),
        "removed": pgettext("text", "Removed"),
    }[code]
