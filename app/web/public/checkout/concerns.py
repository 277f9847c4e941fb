"""What of the buyer's words a person will look at before the public reads them. Only ever a hint: nothing is refused."""

from dataclasses import dataclass
from hashlib import sha256

from flask_babel import gettext as _

from app.domain.moderation.screen import findings
from app.domain.orders.details import Details
from app.web.support.text_words import rule_why


@dataclass(frozen=True)
class Concern:
    """Some words, and why somebody looks at them."""

    quoted: str
    why: str


def concerns(details: Details) -> list[Concern]:
    """What the rules find in the public name and in the reason, each once."""
    texts = (details.beneficiary_name, details.reason)
    found = [each for text in texts if text for each in findings(text, details.certificate_language)]
    return [Concern(_("“%(words)s”", words=each.words), rule_why(each.rule)) for each in dict.fromkeys(found)]


def seen(details: Details) -> str:
    """Stands for these very words in the form that has warned of them."""
    return sha256(repr((details.beneficiary_name, details.reason)).encode()).hexdigest()
