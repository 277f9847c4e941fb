"""Documents set by Typst in the same fonts as the certificates; not signed, and printed whatever letters they hold."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import typst

from app.integrations.documents.fonts import FAMILIES

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "documents"


class PlainTypst:
    """One template of templates/documents. Threads may share it: each has its own compiler."""

    def __init__(self, template: str, fonts: typst.Fonts) -> None:
        self._template = template
        self._fonts = fonts
        self._families = [*FAMILIES, *sorted(set(fonts.families()) - {*FAMILIES, "Noto Sans Mono"})]
        self._kept = threading.local()

    def compile(self, values: Mapping[str, Any], at: datetime) -> bytes:
        """The PDF. The same values and time give the same bytes."""
        # No standard is asked for: each of them refuses a text with a character that no font has.
        if not hasattr(self._kept, "compiler"):
            self._kept.compiler = typst.Compiler(
                TEMPLATES / self._template, root=TEMPLATES, font_paths=self._fonts
            )
        pdf = self._kept.compiler.compile(
            format="pdf",
            sys_inputs={"values": json.dumps({**values, "families": self._families}, ensure_ascii=False)},
            timestamp=int(at.timestamp()),
        )
        return cast("bytes", pdf)
