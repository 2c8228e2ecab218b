import pytest
from django.db import transaction

from gongzhi.core.numbers import next_number
from gongzhi.core.tests.threads import at_once


@pytest.mark.django_db
def test_each_series_and_year_counts_from_one():
    assert [next_number("a", 2022), next_number("a", 2022), next_number("b", 2022), next_number("a", 2023)] == [
        1,
        2,
        1,
        1,
    ]


@pytest.mark.django_db
def test_a_number_of_a_transaction_rolled_back_is_given_again():
    next_number("a", 2022)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert next_number("a", 2022) == 2
        raise ZeroDivisionError
    assert next_number("a", 2022) == 2


def test_numbers_given_at_the_same_moment_have_no_gap_and_no_double_even_when_some_fail(committed):
    def take(number):
        with transaction.atomic():
            given = next_number("a", 2022)
            if number % 3 == 0:
                raise ZeroDivisionError
            return given

    results = at_once(take, times=8)
    given = sorted(one for one in results if isinstance(one, int))
    assert given == list(range(1, 6))
    assert sum(isinstance(one, ZeroDivisionError) for one in results) == 3


def test_outside_a_transaction_no_number_is_given(committed):
    with pytest.raises(transaction.TransactionManagementError):
        next_number("a", 2022)
