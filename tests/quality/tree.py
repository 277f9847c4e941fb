"""The project's own files, without what is installed, built or remembered (.gitignore)."""

import os
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is, or could be, tracked."""
    ignored = [line for line in (ROOT / ".gitignore").read_text().split() if not line.startswith("#")]
    folders = [line.rstrip("/") for line in ignored if line.endswith("/")]
    names = [line for line in ignored if not line.endswith("/")]
    found: list[Path] = []
    for where, below, files in os.walk(ROOT):
        here = Path(where)
        below[:] = [name for name in below if name != ".git" and not _matches(here / name, folders)]
        found += [here / name for name in files if name != ".git" and not _matches(here / name, names)]
    return tuple(sorted(found))


def _matches(path: Path, patterns: list[str]) -> bool:
    inside = f"/{path.relative_to(ROOT)}"
    return any(
        fnmatch(inside, f"/{pattern.lstrip('/')}") if "/" in pattern else fnmatch(path.name, pattern)
        for pattern in patterns
    )


def files(*patterns: str) -> list[Path]:
    """Project files whose path from the root matches one of the patterns; `*` goes through folders."""
    return [path for path in project_files() if any(fnmatch(name(path), pattern) for pattern in patterns)]


def name(path: Path) -> str:
    """How a finding names a file."""
    return str(path.relative_to(ROOT))


def text(path: Path) -> str | None:
    """A file's text; None for pictures, fonts and the like."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
