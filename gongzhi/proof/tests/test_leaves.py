"""An entry has one text, RFC 8785's, by whichever way it is written."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.proof.leaves import LARGEST_WHOLE, BadEntry, canonical

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-LARGEST_WHOLE, LARGEST_WHOLE) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_the_quick_way_and_the_library_write_the_same_text(entry):
    entry.pop("log", None)
    assert canonical(entry, origin="a/b").encode() == rfc8785.dumps({**entry, "log": "a/b"})


def test_names_are_ordered_as_utf_16_and_control_signs_escaped():
    text = canonical({"\U0001f600": 1, "\ufb33": 2, "a": '\x00\x1f\b\t\n\f\r"\\\x7f\u2028é'}, origin="a/b")
    tricky = '\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\\x7f\u2028é'
    assert text == f'{{"a":"{tricky}","log":"a/b","\U0001f600":1,"\ufb33":2}}'


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        float("nan"),
        [0.0],
        {"a": (1, 2.0)},
        LARGEST_WHOLE + 1,
        -LARGEST_WHOLE - 1,
        "\ud800",
        {1: 2},
        {"a": {2}},
        b"x",
    ],
)
def test_what_has_no_such_text_is_refused(value):
    with pytest.raises(BadEntry):
        canonical({"n": value}, origin="a/b")
    with pytest.raises(BadEntry):
        canonical({"n": [{"deep": value}]}, origin="a/b")
