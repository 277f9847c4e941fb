"""Who acts on offers in these tests: a provider's person and an administrator."""

from uuid import uuid4

from sqlalchemy.orm import Session

from app.domain.people.models import Person, Realm
from tests.factories import NOW


def make_person(session: Session, name: str = "Pat Sample") -> Person:
    """Somebody of the registry's realm."""
    made = Person(
        id=uuid4(),
        issuer="http://identity.test/realms/registry",
        subject=str(uuid4()),
        realm=Realm.REGISTRY,
        email="pat@example.org",
        email_verified=True,
        name=name,
        created_at=NOW,
        last_signed_in_at=NOW,
    )
    session.add(made)
    session.flush()
    return made
