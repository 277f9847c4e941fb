"""Pro-forma invoices set by Typst; not signed, as they prove nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import typst

from app.integrations.documents.plain_typst import PlainTypst


class TypstProFormas:
    """A ProFormaRenderer."""

    def __init__(self, fonts: typst.Fonts) -> None:
        self._typst = PlainTypst("pro_forma.typ", fonts)

    def render(self, values: Mapping[str, Any], at: datetime) -> bytes:
        """The PDF. The same values and time give the same bytes."""
        return self._typst.compile(values, at)
