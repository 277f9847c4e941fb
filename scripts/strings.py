"""Texts to translate: collect them into translations/, or check that nothing is missing there.

python scripts/strings.py           collect, and mark what is new in every catalogue
python scripts/strings.py --check   say what is not translated, not used any more or not sure (fuzzy); code 1
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.i18n import DEFAULT_LANGUAGE, LANGUAGES  # noqa: E402

FOLDER = ROOT / "translations"
TEMPLATE = FOLDER / "messages.pot"
BABEL = [sys.executable, "-m", "babel.messages.frontend", "--quiet"]
# What the code calls texts, beside gettext's own names.
KEYWORDS = ["-k", "_l", "-k", "lazy_gettext", "-k", "lazy_ngettext:1,2"]


def main(arguments: list[str]) -> int:
    """0, or 1 where the check found something; it is printed."""
    if "--check" not in arguments:
        collect(TEMPLATE)
        quiet = ["--no-fuzzy-matching", "--ignore-obsolete", "--no-wrap", "--ignore-pot-creation-date"]
        for language in translated():
            babel("update", "--init-missing", *quiet, "-i", str(TEMPLATE), "-d", str(FOLDER), "-l", language)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        collected = Path(folder) / "messages.pot"
        collect(collected)
        found = [line for language in translated() for line in problems(language, read(collected))]
    print("\n".join(found) or f"translations: {', '.join(translated())} are complete")
    return 1 if found else 0


def translated() -> list[str]:
    """The languages that need a catalogue: all but the one that the texts are written in."""
    return [language for language in LANGUAGES if language != DEFAULT_LANGUAGE]


def problems(language: str, collected: Catalog) -> list[str]:
    """What is wrong with one catalogue, a line each."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    where = path.relative_to(ROOT)
    if not path.exists():
        return [f"{where}: missing, run `make strings`"]
    catalogue = read(path)
    wanted = {_key(message) for message in collected if message.id}
    there = {_key(message): message for message in catalogue if message.id}
    lines = [
        f"{where}: missing, run `make strings`: {key[1]!r}" for key in sorted(wanted - set(there), key=str)
    ]
    lines += [
        f"{where}: not used any more, run `make strings`: {key[1]!r}"
        for key in sorted(set(there) - wanted, key=str)
    ]
    for key, message in there.items():
        texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if key in wanted and not all(texts):
            lines.append(f"{where}: not translated: {key[1]!r}")
        if message.fuzzy:
            lines.append(f"{where}: fuzzy: {key[1]!r}")
        lines += [f"{where}: {error}: {key[1]!r}" for error in message.check(catalogue)]
    return lines


def _key(message: object) -> tuple[str | None, object]:
    return message.context, message.id  # type: ignore[attr-defined]


def collect(target: Path) -> None:
    """Write every text of the code and the templates to `target`."""
    target.parent.mkdir(exist_ok=True)
    # No line numbers: a catalogue changes when a text does, not when a line moves.
    options = ["--add-location=file", "--no-wrap", "--sort-by-file", "--omit-header"]
    babel("extract", "-F", "babel.cfg", *KEYWORDS, *options, "-o", str(target), ".")


def babel(*arguments: str) -> None:
    """Run pybabel; its errors go to the terminal."""
    subprocess.run([*BABEL, *arguments], cwd=ROOT, check=True)


def read(path: Path) -> Catalog:
    """A catalogue or template."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path.suffix == ".pot" else path.parent.parent.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
