"""Pages of offices above on the whole demonstration: with rows of every app, some of them shut to the reader."""

from collections.abc import Callable

import pytest
from django.test import Client


@pytest.mark.parametrize("username", ["jiedao", "zhujian", "lingdaoxiaozu"])
def test_the_steps_of_units_are_told_whatever_they_are_about(signed_in: Callable[[str], Client], username: str) -> None:
    assert signed_in(username).get("/wenze/cengji/").status_code == 200
