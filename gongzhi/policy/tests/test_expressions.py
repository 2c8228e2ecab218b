from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.policy.expressions import parse, rounded
from gongzhi.policy.problems import PackFault
from gongzhi.policy.units import Unit, unit
from gongzhi.policy.values import Words, typed
from gongzhi.policy.vocabulary import COUNT, RATIO

UNITS = {"area": "m2", "rate": "yuan/m2/month", "months": "month", "homes": "household", "fee": "fen", "pay": "yuan"}


class Known:
    def name(self, word: str) -> tuple[str, Unit, str]:
        if word not in UNITS:
            raise PackFault(f"未知的名称“{word}”")
        return "fact", unit(UNITS[word]), word

    def switch(self, word: str) -> tuple[Unit, str]:
        return unit("ratio"), word

    def table(self, figure: str, keys: tuple[str, ...]) -> tuple[Unit, str]:
        return unit("yuan/m2/month"), figure


class Values:
    def __init__(self, **values: object) -> None:
        self.values = values

    def number(self, kind: str, name: str) -> Fraction | None:
        value = self.values.get(name)
        return None if value is None else Fraction(value)  # type: ignore[arg-type]

    def table(self, figure: str, keys: tuple[str, ...]) -> Fraction | None:
        return Fraction(6, 10)


def compute(text: str, **values: object) -> Fraction | None:
    return parse(text, Known()).value(Values(**values))


def test_area_times_a_rate_is_money_a_month_and_rounds_to_whole_fen():
    expression = parse("round(area * rate * months, fen, half_up)", Known())
    assert str(expression.unit) == "fen"
    assert expression.value(Values(area=Decimal("88.88"), rate=Decimal("0.45"), months=1)) == 4000
    assert compute("round(area * rate * months, fen, half_up)", area="100.01", rate="0.45", months=1) == 4500


def test_a_name_that_is_not_given_makes_the_result_not_given():
    assert compute("area * rate", area=1) is None


def test_a_formula_tells_its_words_and_its_numbers():
    expression = parse("max(area / (homes + homes), 0)", Known())
    assert expression.words() == "取大(area ÷ (homes + homes)，0)"
    assert expression.numbers(Values(area=100, homes=2)) == "取大(100平方米 ÷ (2户 + 2户)，0)"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("area + homes", "单位不同：m2 与 household"),
        ("fee + pay", "请先用 convert 换算"),
        ("area * 2", "数字只能是 0、1、100"),
        ("area * 1.5", "数字只能是 0、1、100"),
        ("area * True", "数字只能是 0、1、100"),
        ("rate + unknown", "未知的名称"),
        ("__import__('os')", "不认识函数"),
        ("area.real", "只能用名称"),
        ("area ** homes", "只能用名称"),
        ("area if homes else fee", "只能用名称"),
        ("[area]", "只能用名称"),
        ("area +", "写法有误"),
        ("round(area, fen, half_up)", "不能按“fen”取整"),
        ("round(pay, fen, nearest)", "进位方式“nearest”无法识别"),
        ("convert(area, fen)", "不能换算"),
        ("min(area)", "至少要两个数"),
    ],
)
def test_what_an_expression_may_not_hold_is_refused_when_loading(text: str, told: str):
    with pytest.raises(PackFault, match=told):
        parse(text, Known())


def test_a_division_by_zero_is_told_and_not_computed():
    with pytest.raises(PackFault, match="是 0，不能作除数"):
        compute("area / homes", area=1, homes=0)


def test_conversion_and_lookup():
    assert compute('convert(pay, "fen")', pay="1.23") == 123
    assert compute("lookup(guide, area) * area", area=10) == 6
    assert compute("area * (1 - switch.off)", area=10, off="0.1") == 9


@pytest.mark.parametrize(
    ("mode", "values"),
    [
        ("half_up", {"2.5": 3, "2.4": 2, "-2.5": -3, "3.5": 4}),
        ("half_even", {"2.5": 2, "3.5": 4, "-2.5": -2}),
        ("up", {"2.01": 3, "-2.01": -3, "2": 2}),
        ("down", {"2.99": 2, "-2.99": -2}),
    ],
)
def test_rounding_modes_at_and_beside_the_half(mode: str, values: dict[str, int]):
    assert {text: rounded(Fraction(text), mode) for text in values} == values


@given(st.fractions(), st.sampled_from(["half_up", "half_even", "up", "down"]))
def test_rounding_moves_by_less_than_one_and_is_symmetric(value: Fraction, mode: str):
    assert abs(rounded(value, mode) - value) < 1
    assert rounded(-value, mode) == -rounded(value, mode)


@given(st.fractions(min_value=0), st.fractions(min_value=0), st.fractions(min_value=0))
def test_sums_and_products_are_exact(a: Fraction, b: Fraction, c: Fraction):
    assert compute("(area + area) * rate", area=a, rate=b) == 2 * a * b
    assert compute("pay * (1 - switch.off)", pay=a, off=c) == a - a * c


def test_units_multiply_divide_and_are_refused_when_unknown():
    assert unit("yuan/m2/month").times(unit("m2")).same(unit("yuan/month"))
    assert unit("m2").over(unit("m2")).plain
    assert not unit("yuan").same(unit("fen"))
    for text in ("acre", "yuan//m2", "yuan/", "", "元"):
        with pytest.raises(PackFault):
            unit(text)


@pytest.mark.parametrize(
    ("text", "value"), [("30%", Decimal("0.3")), ("2/3", Fraction(2, 3)), ("0.50", Decimal("0.5"))]
)
def test_ratios_are_exact(text: str, value: object):
    assert typed(text, RATIO, Words((), ())) == value


def test_a_number_of_absurd_size_is_refused_before_it_is_computed():
    for number in (Decimal("1e999999"), Decimal("1e-999999"), Decimal("Infinity")):
        with pytest.raises(PackFault, match="太大或太小"):
            typed(number, RATIO, Words((), ()))
    with pytest.raises(PackFault):
        typed(Decimal("1e999999"), COUNT, Words((), ()))


@pytest.mark.parametrize("text", ["1e5", "NaN", "一半", "0x10", "1_000", "--1", "1/0", "1/2/3", "9" * 5000, ""])
def test_what_is_no_number_is_refused(text: str):
    for kind in (RATIO, COUNT):
        with pytest.raises(PackFault):
            typed(text, kind, Words((), ()))
