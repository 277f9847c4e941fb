"""End the sign-ins that nobody comes back to: a closed browser tells nobody."""

from app.domain.people.sweep_sign_ins import sweep_sign_ins
from app.shells.works import Works


def end_old_sign_ins(works: Works) -> None:
    """One commit."""
    with works.sessions.begin() as session:
        sweep_sign_ins(session, works.now())
