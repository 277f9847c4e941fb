"""Orders of some years, made by the database itself: a hundred thousand in seconds."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.people.models import Provider

_STATEMENTS = Path(__file__).with_suffix(".sql")


def make_history(session: Session, orders: int, *, every: int = 200, sellers: int = 5) -> UUID:
    """Fill an empty database with so many orders of so many providers, of which one in `every` stands out in each way
    (at least twelve), and tell the planner. The first of the providers.
    """
    statements = _STATEMENTS.read_text(encoding="utf-8")
    for name, value in (("orders", orders), ("every", every), ("sellers", sellers)):
        statements = statements.replace(f":{name}", str(value))
    session.connection().connection.cursor().execute(statements)
    return session.scalars(text("SELECT id FROM provider WHERE slug = 'bench-0'").columns(Provider.id)).one()
