"""Holdings as the registry says now, read with the person's own token."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import structlog
from flask import render_template

from app.domain.offers.offerable import why_not_offerable
from app.extensions import neighbours
from app.integrations.errors import Refused, TryAgain
from app.integrations.registry.interface import Account, Block
from app.web.provider.acting import TokenRefused
from app.web.provider.blueprint import blueprint

log = structlog.get_logger(__name__)

_AT_MOST = 500  # blocks of one account on a page


@dataclass(frozen=True)
class Holding:
    """A block of units with why it may not be offered; None: it may."""

    block: Block
    against: str | None


@dataclass(frozen=True)
class AccountNow:
    """One account with its blocks, those that may be offered first."""

    account: Account
    holdings: Sequence[Holding]
    cut: bool  # there are more


def read_accounts(token: str, own: Sequence[str]) -> list[AccountNow]:
    """The person's accounts among `own`, each with its blocks. TryAgain, TokenRefused."""
    registry = neighbours().delegated_registry
    try:
        return [
            _with_holdings(account, list(islice(registry.holdings(token, account.account_id), _AT_MOST + 1)))
            for account in registry.accounts(token)
            if account.account_id in own
        ]
    except Refused as error:
        raise TokenRefused from error


def read_block(token: str, account_id: str, block_id: str) -> Block | None:
    """One block of an account; None if the account does not hold it. TryAgain, TokenRefused."""
    try:
        for block in neighbours().delegated_registry.holdings(token, account_id):
            if block.block_id == block_id:
                return block
    except Refused as error:
        raise TokenRefused from error
    return None


@blueprint.errorhandler(TryAgain)
def registry_away(error: TryAgain) -> tuple[str, int]:
    """503, for a page that cannot do without."""
    log.warning("registry not read", code=error.code)
    return render_template("provider/registry_away.html"), 503


def _with_holdings(account: Account, blocks: list[Block]) -> AccountNow:
    holdings = [Holding(block, why_not_offerable(block)) for block in blocks[:_AT_MOST]]
    holdings.sort(key=lambda each: (each.against is not None, -each.block.vintage, each.block.block_id))
    return AccountNow(account, holdings, len(blocks) > _AT_MOST)
