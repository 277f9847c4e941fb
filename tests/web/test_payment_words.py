"""What buyers read of a payment service: always the one that they pay by, and never another's name."""

import pytest
from flask import Flask

from app.domain.payments.methods import BY_SERVICE, METHODS
from app.web.support.order_words import (
    method,
    method_card,
    payee_told,
    payment_problem,
    payment_wait,
    service,
    statement_name,
)

PROBLEMS = (
    "declined",
    "payer_cannot_pay",
    "compliance",
    "domestic_only",
    "too_many_attempts",
    "reversed",
    None,
)
WAITS = ("echeck", "review", "payee_action", "disputed", "delayed", "unconfirmed", None)
SELLER = "Sample Stoves Ltd"


@pytest.mark.parametrize("code", sorted(METHODS))
def test_nobody_else_is_named(app: Flask, code: str):
    with app.test_request_context("/en/"):
        said = [payment_problem(problem, code) for problem in PROBLEMS]
        said += [payment_wait(reason, code) for reason in WAITS]
        said += [method(code), service(code), *method_card(code).values(), statement_name(code, SELLER)]
        said.append(payee_told(code, SELLER, "€1.00"))
    others = {row.service for row in METHODS.values() if row.service and row.code != code}
    assert [text for text in said if any(other in text for other in others)] == []


@pytest.mark.parametrize("code", sorted(BY_SERVICE))
def test_the_service_is_named_where_it_decides(app: Flask, code: str):
    name = METHODS[code].service
    with app.test_request_context("/en/"):
        for problem in ("payer_cannot_pay", "compliance", "domestic_only", "too_many_attempts"):
            assert name in payment_problem(problem, code)
        for reason in ("echeck", "review", "payee_action", "disputed", None):
            assert name in payment_wait(reason, code)
        assert service(code) == name
        assert name in method_card(code)["hint"]


@pytest.mark.parametrize("code", sorted(METHODS))
def test_the_payee_is_the_seller(app: Flask, code: str):
    with app.test_request_context("/en/"):
        assert SELLER in statement_name(code, SELLER)
        assert SELLER in payee_told(code, SELLER, "€1.00")
        assert "€1.00" in payee_told(code, SELLER, "€1.00")
        assert (METHODS[code].service in statement_name(code, SELLER)) == (
            METHODS[code].on_statement or not METHODS[code].service
        )
