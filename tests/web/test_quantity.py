"""Tonnes as people type them."""

import pytest
from flask import Flask
from flask_babel import Babel

from app.web.support.quantity import NotWholeTonnes, read_quantity


def read(typed, language="en"):
    bare = Flask("bare")
    Babel(bare, default_locale=language)
    with bare.test_request_context():
        return read_quantity(typed)


@pytest.mark.parametrize(
    "typed,quantity",
    [
        ("25", 25),
        (" 25 ", 25),
        ("1,000", 1000),
        ("1 000", 1000),
        ("1\u202f000", 1000),
        ("1'000", 1000),
        ("12,345,678", 12345678),
        ("١٢", 12),
        ("025", 25),
        ("0", 0),
    ],
)
def test_whole_numbers_are_read_as_people_write_them(typed, quantity):
    assert read(typed) == quantity


@pytest.mark.parametrize("typed,language", [("1.000", "es"), ("1\u202f000", "fr"), ("1 000", "fr")])
def test_digits_are_grouped_as_the_language_groups_them(typed, language):
    assert read(typed, language) == 1000


@pytest.mark.parametrize(
    "typed", ["2.5", "2,5", "1.000", "abc", "-1", "1e3", "²", "25 t", "1,00", "0x10", "½"]
)
def test_what_is_no_whole_number_is_refused(typed):
    with pytest.raises(NotWholeTonnes, match="Units are whole tonnes"):
        read(typed)


@pytest.mark.parametrize("typed", ["", "  ", "\u00a0"])
def test_nothing_is_asked_for_again(typed):
    with pytest.raises(NotWholeTonnes, match="Enter how many tonnes"):
        read(typed)


def test_a_number_beyond_reason_is_refused():
    assert read("999999999") == 999_999_999
    with pytest.raises(NotWholeTonnes, match="more than has ever been issued"):
        read("1000000000")
