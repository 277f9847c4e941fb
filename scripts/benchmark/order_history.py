"""Orders of some years, made by the database itself: a hundred thousand in seconds."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.people.models import Provider

_STATEMENTS = Path(__file__).with_suffix(".sql")


def make_history(session: Session, orders: int) -> UUID:
    """Fill an empty database with so many orders of five providers, and tell the planner; one of the providers."""
    statements = _STATEMENTS.read_text(encoding="utf-8").replace(":orders", str(orders))
    cursor = session.connection().connection.cursor()
    cursor.execute(statements)
    return session.scalars(text("SELECT id FROM provider WHERE slug = 'bench-0'").columns(Provider.id)).one()
