"""Numbers can be read aloud; tokens and codes cannot be guessed."""

import math
import re

from app.domain.orders.numbers import ALPHABET, new_code, new_order_number, new_token

LETTER = f"[{ALPHABET}]"
MANY = 2000


def test_no_two_letters_are_taken_for_each_other():
    assert len(set(ALPHABET)) == len(ALPHABET) == 20
    assert set(ALPHABET).isdisjoint("0O1IL2Z4A5S6G8BU")


def test_an_order_number_is_written_in_groups():
    numbers = [new_order_number() for _ in range(MANY)]
    assert all(re.fullmatch(f"VC-{LETTER}{{4}}-{LETTER}{{4}}", number) for number in numbers)
    # Of 25 thousand million: a repeat among so few is a broken dice.
    assert len(set(numbers)) == MANY
    assert set("".join(number[3:] for number in numbers)) == set(ALPHABET) | {"-"}


def test_a_certificate_code_has_eighty_bits_and_more():
    codes = [new_code() for _ in range(MANY)]
    assert all(re.fullmatch(f"{LETTER}{{4}}(-{LETTER}{{4}}){{4}}", code) for code in codes)
    assert len(set(codes)) == MANY
    assert 20 * math.log2(len(ALPHABET)) > 80


def test_a_token_has_192_bits_and_fits_an_address():
    tokens = {new_token() for _ in range(MANY)}
    assert len(tokens) == MANY
    assert all(re.fullmatch("[A-Za-z0-9_-]{32}", token) for token in tokens)
