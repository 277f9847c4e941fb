"""Nobody was signed in."""

from flask import render_template, request

from app.domain.people.models import Realm
from app.extensions import works
from app.links import identity_account_url
from app.web.sign_in.blueprint import blueprint
from app.web.support.next_page import safe_next
from app.web.support.signed_in import sign_in_url


@blueprint.get("/sign-in/not-done")
def not_done() -> tuple[str, int]:
    """What happened, and the way to try again. 200 where the person themselves gave it up."""
    realm = Realm.REGISTRY if request.args.get("realm") == Realm.REGISTRY else Realm.PUBLIC
    next_page = safe_next(request.args.get("next"))
    given_up = request.args.get("given_up") == "yes"
    page = render_template(
        "sign_in/not_done.html",
        realm=realm,
        given_up=given_up,
        set_up=_where_to_set_up() if request.args.get("lacks") == "second-factor" else "",
        again=sign_in_url(realm, next_page),
        next_page=next_page,
    )
    return page, 200 if given_up else 400


def _where_to_set_up() -> str:
    """Where people at the console get themselves a second factor."""
    return identity_account_url(works().settings.registry_realm_url)
