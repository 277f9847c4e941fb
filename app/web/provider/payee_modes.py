"""Which ways to be paid a provider can add, and what each asks for: a table that a new way gets a row in."""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.payments.methods import METHODS
from app.integrations.gateways.interface import CONNECT, PARTNER, PAYEE
from app.settings import Settings
from app.shells.works import Works

# What a mode asks for beside the currencies; one that is not here asks for a secret and nothing else.
_FIELDS: dict[str, tuple[str, ...]] = {
    "own_account": (),  # the fields of a bank account, by its country
    "own_app": ("external_id", "client_id", "secret"),
    "own_key": ("secret",),
    PAYEE: ("external_id",),
    PARTNER: (),
    CONNECT: (),
}
# Modes in which the provider signs up on pages of the gateway's own.
LED_IN = frozenset({CONNECT, PARTNER})
# Modes that take more than the gateway's address: what of the settings has to be there.
_NEEDS: dict[tuple[str, str], Callable[[Settings], bool]] = {
    ("paypal", PAYEE): lambda settings: settings.paypal_payee_mode,
    ("paypal", PARTNER): lambda settings: bool(settings.paypal_partner_id),
    ("stripe", CONNECT): lambda settings: bool(settings.stripe_connect_key),
}


@dataclass(frozen=True)
class Mode:
    """A way to be paid."""

    gateway: str
    mode: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what is asked for."""
        return _FIELDS.get(self.mode, ("secret",))


def offered_modes(works: Works) -> list[Mode]:
    """Every way that this installation has, the base method first."""
    return [
        Mode(row.code, mode)
        for row in METHODS.values()
        if row.code in works.neighbours.gateways
        for mode in row.modes
        if _NEEDS.get((row.code, mode), lambda _: True)(works.settings)
    ]


def offered_mode(works: Works, gateway: str, mode: str) -> Mode | None:
    """The one that an address names, if there is such a one."""
    return next((each for each in offered_modes(works) if (each.gateway, each.mode) == (gateway, mode)), None)
