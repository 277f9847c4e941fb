"""Builds static/build from node_modules and static/src: `python scripts/build_assets.py`.

One stylesheet (the parts of Pico that the pages use, then ours), htmx and our script, each with a hash
of its content in its name, so that browsers may keep it for ever; beside each its .br and .gz twin, and
manifest.json that says which name stands for which file. Needs no Node.js, only what `npm ci` fetched.
Running it again changes nothing that has not changed.
"""

import gzip
import hashlib
import json
import re
import sys
import time
from pathlib import Path

import brotli

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "static" / "src"
MODULES = ROOT / "node_modules"
BUILD = ROOT / "static" / "build"
# Seconds that a file outlives its last build: a server still running sends the files it was started with.
KEPT = 24 * 60 * 60

# Sections of pico.css by their own headings. Layout, cards, navigation, tooltips and dialogs are ours.
PICO_SECTIONS = (
    "Styles",
    "Color schemes",
    "Document",
    "Typography",
    "Link",
    "Button",
    "Table",
    "Embedded content",
    "Code",
    "Misc",
    "Basics form elements",
    "Checkboxes, Radios and Switches",
    "Input type datetime",
    "Input type file",
    "Input type search",
    "Progress",
    "Accessibility & User interaction",
    "Reduce Motion Features",
)


def pico(css: str) -> str:
    """The chosen sections in a layer of their own, so that any rule of ours outranks any of Pico's.

    LookupError when a section is not there: a new Pico release has other headings.
    """
    licence = re.search(r"/\*!.*?\*/", css, re.DOTALL)
    parts = re.split(r"^/\*\*\n \* (.+)\n(?: \* .+\n)* \*/$", css, flags=re.MULTILINE)
    sections: dict[str, str] = {}
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        sections[heading] = sections.get(heading, "") + body
    missing = [name for name in PICO_SECTIONS if name not in sections]
    if missing or licence is None:
        raise LookupError(f"pico.css has no section {', '.join(missing) or 'with a licence'}")
    body = "\n".join(sections[name] for name in PICO_SECTIONS)
    return f"{licence.group()}\n@layer pico{{{body}}}\n"


def squeeze(css: str) -> str:
    """CSS without comments (a licence, `/*!`, stays) and needless white space; quoted text is kept as it is."""
    pieces = re.split(r"""("[^"\n]*"|'[^'\n]*'|/\*!.*?\*/)""", css, flags=re.DOTALL)
    for position in range(0, len(pieces), 2):
        text = re.sub(r"/\*.*?\*/", "", pieces[position], flags=re.DOTALL)
        text = re.sub(r"\s+", " ", text)
        pieces[position] = re.sub(r" ?([{};,>]) ?", r"\1", text).replace(";}", "}")
    return "".join(pieces).strip() + "\n"


def sources() -> dict[str, bytes]:
    """Public name → content, of everything a browser may be sent."""
    vendor = (MODULES / "@picocss/pico/css/pico.css").read_text(encoding="utf-8")
    own = (SOURCES / "site.css").read_text(encoding="utf-8")
    return {
        "site.css": squeeze(pico(vendor) + own).encode(),
        "htmx.js": (MODULES / "htmx.org/dist/htmx.min.js").read_bytes(),
        "site.js": (SOURCES / "site.js").read_bytes(),
        "favicon.svg": (SOURCES / "favicon.svg").read_bytes(),
    }


def write(path: Path, content: bytes) -> None:
    """Replace the file at once, so that a server that is running never reads half of it."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


def build() -> dict[str, str]:
    """Write what is missing, remove what nobody uses any more, and return the manifest."""
    BUILD.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, str] = {}
    for name, content in sources().items():
        stem, dot, ending = name.rpartition(".")
        hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}{dot}{ending}"
        manifest[name] = hashed
        path = BUILD / hashed
        if not all(path.with_name(hashed + twin).exists() for twin in ("", ".br", ".gz")):
            write(path.with_name(hashed + ".br"), brotli.compress(content))
            write(path.with_name(hashed + ".gz"), gzip.compress(content, 9, mtime=0))
            write(path, content)
    write(BUILD / "manifest.json", (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode())
    meant = {"manifest.json"} | {file + twin for file in manifest.values() for twin in ("", ".br", ".gz")}
    for path in BUILD.iterdir():
        if path.name in meant:
            path.touch()  # the day starts when a later build no longer means it
        elif path.stat().st_mtime < time.time() - KEPT:
            path.unlink()
    return manifest


def main() -> int:
    try:
        manifest = build()
    except FileNotFoundError as missing:
        print(f"{missing.filename} is not there: run `npm ci` first.", file=sys.stderr)
        return 1
    for name, hashed in manifest.items():
        size = (BUILD / f"{hashed}.br").stat().st_size
        print(f"{name:12} {hashed:28} {size / 1024:6.1f} KB over the wire")
    return 0


if __name__ == "__main__":
    sys.exit(main())
