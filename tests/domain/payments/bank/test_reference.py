"""One reference for each order, and it is found in whatever buyers and banks make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from app.domain.orders.numbers import ALPHABET, new_order_number
from app.domain.payments.bank.reference import (
    LENGTH,
    find_numbers,
    find_references,
    grouped,
    is_reference,
    reference_of,
)

numbers = st.text(ALPHABET, min_size=8, max_size=8).map(lambda code: f"VC-{code[:4]}-{code[4:]}")
noise = st.text(" -./\n,:", max_size=3)


@given(numbers)
def test_a_reference_is_a_valid_iso_11649_of_one_length(number: str) -> None:
    reference = reference_of(number)
    assert iso11649.is_valid(reference)
    assert len(reference) == LENGTH
    assert is_reference(reference)
    assert iso11649.compact(grouped(reference)) == reference


def test_orders_as_they_are_numbered_have_references() -> None:
    assert is_reference(reference_of(new_order_number()))


@pytest.mark.parametrize("number", ["", "VC-7K3M-H9Q", "VC-7K3M-H9QDD", "XX-7K3M-H9QD", "VC-0K3M-H9QD"])
def test_what_is_no_order_number_has_no_reference(number: str) -> None:
    with pytest.raises(ValueError, match="no order number"):
        reference_of(number)


@given(numbers, st.lists(noise, min_size=LENGTH, max_size=LENGTH), st.text(max_size=20), st.text(max_size=20))
def test_it_is_found_however_it_is_broken(number: str, gaps: list[str], before: str, after: str) -> None:
    reference = reference_of(number)
    typed = "".join(letter + gap for letter, gap in zip(reference.lower(), gaps, strict=True))
    assert reference in find_references([f"{before}{typed}{after}"])


def test_it_is_found_over_the_end_of_a_text() -> None:
    assert find_references(["ORDER RF86 VC7K", "3MH9 QD THANK YOU"]) == ["RF86VC7K3MH9QD"]


def test_several_are_found_once_each() -> None:
    first, second = reference_of("VC-7K3M-H9QD"), reference_of("VC-9C3D-7EFH")
    assert find_references([f"{first} {second}", f"{first}"]) == [first, second]


def test_two_digits_changed_places_and_it_is_none() -> None:
    assert find_references(["RF68VC7K3MH9QD"]) == []
    assert find_numbers(["RF68VC7K3MH9QD"]) == ["RF86VC7K3MH9QD"]


def test_an_order_number_alone_is_recognised() -> None:
    assert find_numbers(["for order vc-7k3m-h9qd, thank you"]) == ["RF86VC7K3MH9QD"]


@given(st.lists(st.text(), max_size=4))
def test_no_text_breaks_the_search(texts: list[str]) -> None:
    assert all(is_reference(found) for found in [*find_references(texts), *find_numbers(texts)])
