"""One registry, twice: the fake, and the client talking to the sandbox registry; and how each is disturbed."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import uuid4

import httpx

from app.integrations.errors import OutcomeUnknown, Refused, TryAgain
from app.integrations.registry.client import HttpRegistry
from app.integrations.registry.fake import FakeRegistry
from app.integrations.registry.interface import (
    Authorization,
    Beneficiary,
    CancellationRequest,
    Mandate,
    Registry,
)
from app.integrations.registry.tokens import ServiceTokens
from tests.neighbours import CLIENT_ID, CLIENT_SECRET, Program

NDC_ONLY = Authorization("authorized", ("NDC",), "Sample letter", "authorization")
TAKEN_BACK = Authorization("revoked", ("IMP", "OP"), "Sample letter", "authorization")
FIRST_BY_CANCELLING = Authorization("authorized", ("OP",), "Sample letter", "use_or_cancellation")


class World(Protocol):
    """A registry and its other side. Every order holds for the next call of its kind only."""

    registry: Registry

    def grant(self, quantity: int) -> Mandate:
        """A new mandate over units that may be cancelled voluntarily."""
        ...

    def lose_answer(self, *, acted: bool, cut: bool = False) -> None:
        """The next cancellation is never answered (or the line is cut), having happened or not."""
        ...

    def wait_for(self, key: str) -> None:
        """Until the registry is through with the request of this key, whose answer nobody saw."""
        ...

    def garble(self, method: str, *, acted: bool = True) -> None:
        """The next answer is unreadable."""
        ...

    def busy(self, method: str, code: str, retry_after: int) -> None:
        """The next call is put off: rate_limited or registry_unavailable."""
        ...

    def refuse(self, method: str, code: str) -> None: ...
    def accept(self) -> None: ...
    def complete(self, cancellation_id: str) -> None: ...
    def reject(self, cancellation_id: str, code: str, detail: str) -> None: ...
    def revoke(self, mandate: Mandate) -> None: ...
    def suspend(self, mandate: Mandate) -> None: ...
    def freeze(self, mandate: Mandate) -> None: ...
    def authorize(self, mandate: Mandate, authorization: Authorization) -> None: ...


def request_for(mandate: Mandate, quantity: int, **changes: Any) -> CancellationRequest:
    """A cancellation with a reference of its own."""
    request = CancellationRequest(
        mandate_id=mandate.mandate_id,
        quantity=quantity,
        purpose="voluntary_contribution",
        client_reference=f"VC-{uuid4().hex[:12]}",
        beneficiary=Beneficiary("organisation", "public", "Sample Bakery", "FR"),
        reason="Ovens",
    )
    return replace(request, **changes)


class FakeWorld:
    def __init__(self) -> None:
        self.registry = self._fake = FakeRegistry()

    def grant(self, quantity: int) -> Mandate:
        return self._fake.grant(quantity)

    def lose_answer(self, *, acted: bool, cut: bool = False) -> None:
        code = "broken_connection" if cut else "timeout"
        self._fake.fail_next("cancel", OutcomeUnknown(code), acted=acted)

    def wait_for(self, key: str) -> None:
        """The fake is through when it raises."""

    def garble(self, method, *, acted: bool = True) -> None:
        kind = OutcomeUnknown if method == "cancel" else TryAgain
        self._fake.fail_next(method, kind("unreadable"), acted=acted)

    def busy(self, method, code: str, retry_after: int) -> None:
        self._fake.fail_next(method, TryAgain(code, "", float(retry_after)))

    def refuse(self, method, code: str) -> None:
        self._fake.fail_next(method, Refused(code))

    def accept(self) -> None:
        self._fake.accept_next()

    def complete(self, cancellation_id: str) -> None:
        self._fake.complete(cancellation_id)

    def reject(self, cancellation_id: str, code: str, detail: str) -> None:
        self._fake.reject(cancellation_id, code, detail)

    def revoke(self, mandate: Mandate) -> None:
        self._fake.change_mandate(mandate.mandate_id, status="revoked")

    def suspend(self, mandate: Mandate) -> None:
        self._fake.change_mandate(mandate.mandate_id, status="suspended")

    def freeze(self, mandate: Mandate) -> None:
        self._fake.change_block(mandate.mandate_id, status="frozen")

    def authorize(self, mandate: Mandate, authorization: Authorization) -> None:
        self._fake.change_block(mandate.mandate_id, authorization=authorization)


OPERATIONS = {
    "health": "getHealth",
    "activities": "listActivities",
    "mandates": "listMandates",
    "mandate": "getMandate",
    "cancel": "requestCancellation",
    "cancellation": "getCancellation",
    "cancellation_by_reference": "listCancellations",
    "cancellations": "listCancellations",
}


class Impatient:
    """The client, except that a cancellation that was ordered to hang is given up after a second.

    All else waits long: on a busy machine an ordinary answer may be slow, and that is no failure.
    """

    def __init__(self, patient: HttpRegistry, impatient: HttpRegistry) -> None:
        self._patient = patient
        self._impatient = impatient
        self.hurry = False

    def cancel(self, request: CancellationRequest, key: str):
        client, self.hurry = (self._impatient if self.hurry else self._patient), False
        return client.cancel(request, key)

    def __getattr__(self, name: str):
        return getattr(self._patient, name)


@dataclass
class SandboxWorld:
    """The client against running programs. `close` takes back what was disturbed for others."""

    program: Program
    identity: Program
    control: httpx.Client = field(init=False)
    registry: Any = field(init=False)
    _undo: list[Callable[[], object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.control = httpx.Client(base_url=self.program.url, timeout=60, trust_env=False)
        self._undo.append(self.control.close)
        self._undo.append(self._clear_faults)
        self.registry = Impatient(self.client(read=60), self.client(read=1))

    def client(self, **options: Any) -> HttpRegistry:
        """Another client with tokens of its own."""
        tokens = options.pop("tokens", None) or self.service_tokens()
        client = HttpRegistry(self.program.url, tokens, **{"page_size": 50, **options})
        self._undo.append(client.close)
        return client

    def service_tokens(self, **options: Any) -> ServiceTokens:
        address = self.identity.names["token_url"]
        return ServiceTokens(address, CLIENT_ID, CLIENT_SECRET, **{"read": 60, **options})

    def close(self) -> None:
        for undo in reversed(self._undo):
            undo()

    def undo(self, act: Callable[[], object]) -> None:
        """To be done when the world closes."""
        self._undo.append(act)

    def grant(self, quantity: int) -> Mandate:
        # As an account's representative does it: with a token of their own that names the account.
        for account_id in sorted({mandate.account_id for mandate in self.registry.mandates()}):
            headers = {"Authorization": f"Bearer {self.mint('holdings:read mandates:write', account_id)}"}
            holdings = f"/v1/accounts/{account_id}/holdings"
            for block in self._order("GET", holdings, headers=headers, params={"limit": "500"})["items"]:
                if _may_be_cancelled(block) and block["quantity_available"] >= quantity:
                    granted = self._order(
                        "POST",
                        f"/v1/accounts/{account_id}/mandates",
                        headers=headers | {"Idempotency-Key": uuid4().hex},
                        json={"block_id": block["block_id"], "quantity": quantity},
                    )
                    return self.registry.mandate(granted["mandate_id"])
        raise AssertionError(f"no block of the seed has {quantity} units left")

    def mint(self, scope: str, account_id: str | None = None, **asked: Any) -> str:
        """Any token at all of the registry's issuer."""
        if account_id is not None:
            asked["accounts"] = [account_id]
        answer = httpx.post(
            f"{self.identity.url}/sandbox/tokens",
            json={"scope": scope, **asked},
            timeout=60,
            trust_env=False,
        )
        token: str = answer.raise_for_status().json()["access_token"]
        return token

    def lose_answer(self, *, acted: bool, cut: bool = False) -> None:
        self.registry.hurry = not cut
        self._fault("cancel", "timeout_after" if acted else "timeout_before", drop=cut)

    def wait_for(self, key: str) -> None:
        give_up = time.monotonic() + 60
        while not self._order("GET", "/sandbox/calls", params={"idempotency_key": key})["items"]:
            assert time.monotonic() < give_up, "the request never reached the registry"
            time.sleep(0.02)

    def garble(self, method: str, *, acted: bool = True) -> None:
        self._fault(method, "malformed", acted=acted)

    def busy(self, method: str, code: str, retry_after: int) -> None:
        kind = {"rate_limited": "rate_limited", "registry_unavailable": "unavailable"}[code]
        self._fault(method, kind, retry_after=retry_after)

    def refuse(self, method: str, code: str) -> None:
        self._fault(method, "refuse", code=code)

    def accept(self) -> None:
        self._fault("cancel", "accept_later")

    def complete(self, cancellation_id: str) -> None:
        self._order("POST", "/sandbox/complete", json={"cancellation_id": cancellation_id})

    def reject(self, cancellation_id: str, code: str, detail: str) -> None:
        body = {"cancellation_id": cancellation_id, "outcome": "rejected", "code": code, "detail": detail}
        self._order("POST", "/sandbox/complete", json=body)

    def revoke(self, mandate: Mandate) -> None:
        self._order("POST", f"/sandbox/mandates/{mandate.mandate_id}/revoke")

    def suspend(self, mandate: Mandate) -> None:
        account = f"/sandbox/accounts/{mandate.account_id}"
        self._order("POST", f"{account}/suspend")
        self._undo.append(lambda: self._order("POST", f"{account}/reopen"))

    def freeze(self, mandate: Mandate) -> None:
        block = f"/sandbox/blocks/{mandate.block.block_id}"
        self._order("POST", f"{block}/freeze")
        self._undo.append(lambda: self._order("POST", f"{block}/unfreeze"))

    def authorize(self, mandate: Mandate, authorization: Authorization) -> None:
        path = f"/sandbox/blocks/{mandate.block.block_id}/authorization"

        def put(wanted: Authorization) -> object:
            return self._order("PUT", path, json=vars(wanted) | {"uses": list(wanted.uses)})

        put(authorization)
        self._undo.append(lambda: put(mandate.block.authorization))

    def _clear_faults(self) -> None:
        with suppress(httpx.TransportError):  # it may be dead, of a test that killed it and then failed
            self._order("DELETE", "/sandbox/faults")

    def _fault(self, method: str, kind: str, **options: Any) -> None:
        body = {"kind": kind, "operation": OPERATIONS[method], **options}
        self._order("POST", "/sandbox/faults", json=body)

    def _order(self, method: str, path: str, **options: Any) -> Any:
        answer = self.control.request(method, path, **options)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def _may_be_cancelled(block: dict[str, Any]) -> bool:
    authorized = block["authorization"]["status"] == "authorized" and "OP" in block["authorization"]["uses"]
    return block["status"] == "active" and block["unit_class"] == "AER" and authorized
