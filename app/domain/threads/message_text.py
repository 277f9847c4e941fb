"""What somebody writes into a thread: cleaned and checked once, whoever writes."""

import re

from app.domain.orders.details import plain_line

TEXT_MAX = 4000  # characters
_MANY_BREAKS = re.compile(r"\n{3,}")


class TextRefused(Exception):
    """It cannot be sent. `code`: empty | too_long."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def message_text(typed: str) -> str:
    """Lines of plain text, as `plain_line` makes each, with at most one empty line in between. TextRefused."""
    lines = "\n".join(plain_line(line) for line in typed.splitlines())
    text = _MANY_BREAKS.sub("\n\n", lines).strip()
    if not text:
        raise TextRefused("empty")
    if len(text) > TEXT_MAX:
        raise TextRefused("too_long")
    return text
