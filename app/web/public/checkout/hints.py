"""What the details page points out before it lets the buyer go on: once, and nothing of it is an error."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from app.web.public.checkout.concerns import Concern, concerns, seen
from app.web.public.checkout.details_form import DetailsForm
from app.web.public.checkout.email_hint import better_address


@dataclass(frozen=True)
class Hints:
    """What is pointed out now, and what the form carries so that it is not pointed out again."""

    better_email: str | None = None
    concerns: Sequence[Concern] = ()
    email_seen: str = ""
    words_seen: str = ""

    @property
    def unseen(self) -> bool:
        """Is there anything that the buyer has not read yet?"""
        return bool(self.better_email or self.concerns)

    @classmethod
    def of(cls, form: DetailsForm) -> "Hints":
        """Of a form that is valid, as it was sent."""
        better, found = better_address(form.email.data), concerns(form.details())
        email_seen = form.email.data if better else ""
        words_seen = seen(form.details()) if found else ""
        return cls(
            better if request.form.get("email_seen") != email_seen else None,
            found if request.form.get("words_seen") != words_seen else (),
            email_seen,
            words_seen,
        )
