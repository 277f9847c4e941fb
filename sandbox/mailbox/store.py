"""Received mails, in one SQLite file that outlives the process. The mail is kept as it came, byte by byte."""

from pathlib import Path

from sandbox.store import Store

__all__ = ["Store", "open_store"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received TEXT NOT NULL, envelope_from TEXT NOT NULL,
    envelope_to TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS fault (id INTEGER PRIMARY KEY, code INTEGER NOT NULL);
"""


def open_store(file: Path) -> Store:
    """The mailbox's file; made when it is not there. Pages and the SMTP thread take turns."""
    return Store(file, _SCHEMA)
