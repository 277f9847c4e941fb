"""For whom the person at the console acts, with which accounts and with which token: never more than is theirs."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.domain.people.models import Provider
from app.domain.people.provider_queries import accounts_of, provider_of
from app.extensions import database
from app.web.provider.blueprint import blueprint
from app.web.support.gate import visitor
from app.web.support.signed_in import provider_token


class NoProvider(Exception):
    """The person's registry accounts belong to no provider of this platform."""


class TokenRefused(Exception):
    """The registry does not take the person's token, though the identity provider gave it."""


def acting_provider() -> Provider:
    """The provider for which the person acts. NoProvider, which is answered with what to do about it."""
    provider = provider_of(database(), visitor().accounts)
    if provider is None:
        raise NoProvider
    return provider


def own_accounts(provider: Provider) -> list[str]:
    """The registry accounts of the provider that the person represents."""
    return accounts_of(database(), provider.id, visitor().accounts)


def own_token() -> str:
    """The person's access token, for the registry. Ends the request's transaction, as the network may be waited for.

    SignInAgain, ProviderAway.
    """
    database().rollback()
    return provider_token(visitor())


@blueprint.errorhandler(NoProvider)
def no_provider(_: NoProvider) -> Response | tuple[str, int]:
    """On to becoming one; for whoever represents no account, 403 and whom to ask."""
    if visitor().accounts:
        return redirect(url_for("provider.opening"), 303)
    return render_template("provider/no_provider.html"), 403


@blueprint.errorhandler(TokenRefused)
def token_refused(_: TokenRefused) -> tuple[str, int]:
    """403. Not straight on to signing in: that could go in a circle for ever."""
    return render_template("provider/token_refused.html"), 403
