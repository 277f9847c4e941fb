"""Slips in e-mail addresses are hinted at; right ones are left alone."""

import pytest

from app.web.public.checkout.email_hint import better_address


@pytest.mark.parametrize(
    "typed,meant",
    [
        ("anna@gmial.com", "anna@gmail.com"),
        ("anna@gmail.co", "anna@gmail.com"),
        ("anna@gmail.con", "anna@gmail.com"),
        ("anna@hotmial.fr", "anna@hotmail.fr"),
        ("anna@outlok.com", "anna@outlook.com"),
        ("anna@yaho.com", "anna@yahoo.com"),
        ("anna@iclod.com", "anna@icloud.com"),
        ("anna@example.con", "anna@example.com"),
        ("anna@example.ogr", "anna@example.org"),
    ],
)
def test_a_slip_is_seen(typed, meant):
    assert better_address(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "anna@gmail.com",
        "anna@GMAIL.com",
        "anna@example.org",
        "anna@unfccc.int",
        "a@gmx.net",
        "a@gmx.de",
        "a@mail.com",
        "a@me.com",
        "a@giz.de",
        "a@un.org",
        "a@hotmail.es",
        "a@yahoo.co.in",
        "a@example.co",
        "a@bücher.example",
        "a@mine.org",
    ],
)
def test_a_right_address_is_left_alone(typed):
    assert better_address(typed) is None
