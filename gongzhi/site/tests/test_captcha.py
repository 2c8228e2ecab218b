"""The puzzle: answerable in words, once, for a while."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing

from gongzhi.site import captcha

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)


def solve(question: str) -> str:
    """Answers like a person who reads: the tests know no secret."""
    if found := re.match(r"“(.+)”的第(.)个字", question):
        return found[1]["零一二三四五六七八九".index(found[2]) - 1]
    if found := re.match(r"“(.+)”里，哪一个是(.+)？", question):
        return next(word for word in found[1].split("、") if word in captcha.GROUPS[found[2]])
    numbers = {captcha.chinese(number): number for number in range(100)}
    if "最大" in question:
        return str(max(numbers[word] for word in question.split("，")[0].split("、")))
    first, sign, second = re.match(r"(.+?)([加减])(.+)等于", question).groups()
    return str(numbers[first] + numbers[second] * (1 if sign == "加" else -1))


@pytest.mark.parametrize(
    "number, words", [(0, "零"), (9, "九"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九")]
)
def test_numbers_are_read_out_in_chinese(number: int, words: str) -> None:
    assert captcha.chinese(number) == words


@pytest.mark.django_db
@pytest.mark.parametrize("kind", captcha.KINDS)
def test_every_kind_of_question_has_an_answer_a_reader_finds(kind, monkeypatch) -> None:
    monkeypatch.setattr(captcha, "KINDS", (kind,))
    for _ in range(8):
        puzzle = captcha.new_puzzle()
        assert captcha.fault(puzzle.token, solve(puzzle.question), now=NOW) == ""


@pytest.mark.django_db
def test_a_number_counts_in_figures_and_in_words(monkeypatch) -> None:
    monkeypatch.setattr(captcha, "KINDS", (lambda: captcha.Draft("八加四等于几？", ("12", "十二")),))
    for answer in ("12", "十二", " １２ ", "十二。"):
        assert captcha.fault(captcha.new_puzzle().token, answer, now=NOW) == ""


@pytest.mark.django_db
def test_an_answer_counts_once() -> None:
    puzzle = captcha.new_puzzle()
    answer = solve(puzzle.question)
    assert captcha.fault(puzzle.token, answer, now=NOW) == ""
    assert captcha.fault(puzzle.token, answer, now=NOW) == captcha.EXPIRED
    assert captcha.shown_again(puzzle.token) is None


@pytest.mark.django_db
def test_a_wrong_answer_spends_the_question() -> None:
    puzzle = captcha.new_puzzle()
    assert captcha.fault(puzzle.token, "不知道", now=NOW) == captcha.WRONG
    assert captcha.fault(puzzle.token, solve(puzzle.question), now=NOW) == captcha.EXPIRED


@pytest.mark.django_db
def test_an_empty_answer_leaves_the_question() -> None:
    puzzle = captcha.new_puzzle()
    assert captcha.fault(puzzle.token, "  ", now=NOW) == captcha.EMPTY
    assert captcha.fault(puzzle.token, solve(puzzle.question), now=NOW) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x", "a:b:c"])
def test_a_forged_question_is_refused(token: str) -> None:
    assert captcha.fault(token, "1", now=NOW) == captcha.EXPIRED


@pytest.mark.django_db
def test_a_question_expires(monkeypatch) -> None:
    puzzle = captcha.new_puzzle()
    monkeypatch.setattr(captcha, "LIFETIME", timedelta(seconds=-1))
    assert captcha.fault(puzzle.token, solve(puzzle.question), now=NOW) == captcha.EXPIRED


@pytest.mark.django_db
def test_the_token_does_not_tell_the_answer() -> None:
    puzzle = captcha.new_puzzle()
    content = signing.loads(puzzle.token, salt=captcha.SALT)
    assert solve(puzzle.question) not in content["a"]
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in content["a"])
