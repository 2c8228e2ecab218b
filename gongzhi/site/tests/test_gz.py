"""The tag library: words for due days, fields, citations."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core import display
from gongzhi.core.errors import Refused
from gongzhi.core.forms import RefusalForm

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 4, 1, 10, 32, tzinfo=SHANGHAI)


def show(source: str, **context: object) -> str:
    return Template("{% load gz %}" + source).render(Context(context))


def day_end(day: date) -> datetime:
    """Due on that day: the next midnight."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "due_at, words, css",
    [
        (day_end(date(2026, 3, 29)), "已超3日", "gz-over"),
        (day_end(date(2026, 3, 31)), "已超1日", "gz-over"),
        (day_end(date(2026, 4, 1)), "今日到期", "gz-today"),
        (day_end(date(2026, 4, 2)), "还剩1日", "gz-soon"),
        (datetime(2026, 4, 1, 9, 0, tzinfo=SHANGHAI), "已超1小时", "gz-over"),
        (NOW, "已超1分钟", "gz-over"),
        (datetime(2026, 4, 1, 15, 30, tzinfo=SHANGHAI), "今日到期", "gz-today"),
    ],
)
def test_a_due_moment_in_words(due_at: datetime, words: str, css: str) -> None:
    html = show("{% due d now %}", d=due_at, now=NOW)
    assert words in html
    assert css in html


def test_a_whole_day_ends_at_24_oclock() -> None:
    assert display.due_moment_words(day_end(date(2026, 5, 13))) == "5月13日24:00"
    assert "24:00前" in show("{% due d now %}", d=day_end(date(2026, 4, 1)), now=NOW)


@given(st.integers(min_value=-400, max_value=400))
def test_words_and_colour_agree_for_every_day(days: int) -> None:
    shown = display.due_words(day_end(NOW.date() + timedelta(days=days)), NOW)
    expected = (
        ("今日到期", "gz-today")
        if days == 0
        else (f"还剩{days}日", "gz-soon")
        if days > 0
        else (f"已超{-days}日", "gz-over")
    )
    assert (shown.words, shown.css) == expected


@pytest.mark.parametrize(
    "state, words", [("fulfilled", "按期办结"), ("fulfilled_late", "逾期办结"), ("void", "已作废")]
)
def test_an_ended_duty_is_shown_by_its_state(state: str, words: str) -> None:
    assert words in show("{% due d now %}", d={"state": state, "due_at": NOW.isoformat()}, now=NOW)


def test_a_provisional_day_says_so() -> None:
    assert "暂定" in show("{% due d now %}", d={"due_at": day_end(date(2027, 3, 1)), "provisional": True}, now=NOW)


def test_dates_and_money_in_chinese() -> None:
    assert show("{{ d|cn_date }}", d=date(2026, 4, 1)) == "2026年4月1日"
    assert show("{{ d|cn_moment }}", d=NOW) == "2026年4月1日 10:32"
    assert show("{{ d|yuan }}", d=386400) == "3,864.00元"


@pytest.mark.django_db
def test_a_citation_links_to_its_clause() -> None:
    html = show("{% cite c %}", c=("JJ-5.3-2",))
    assert 'href="/tiaokuan/jiujiang/#JJ-5.3-2"' in html
    assert "依据 五(三)" in html


@pytest.mark.django_db
def test_clauses_of_one_place_are_cited_once() -> None:
    html = show("{% cite c %}", c=("JJ-3.1.1-1", "JJ-3.1.1-2", "JJ-5.3-2"))
    assert html.count("依据") == len(("三(一)1", "五(三)"))
    assert "#JJ-3.1.1-1" in html and "#JJ-5.3-2" in html


@pytest.mark.django_db
def test_an_unknown_clause_is_shown_without_a_link() -> None:
    html = show("{% cite c %}", c="XX-1")
    assert "依据 XX-1" in html
    assert "href" not in html


class Example(RefusalForm, forms.Form):
    amount = forms.DecimalField(label="申请金额", help_text="不能超过通过的金额")
    kind = forms.ChoiceField(label="方式", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)
    memo = forms.CharField(label="说明", required=False)


def test_a_field_ties_label_hint_and_error_to_the_input() -> None:
    html = show("{% field f.amount 'm' '元' %}", f=Example({"amount": "x"}))
    assert '<label for="id_amount">申请金额</label>' in html
    assert 'aria-describedby="id_amount-h id_amount-e"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_amount-e"' in html
    assert "<span>元</span>" in html


def test_radios_stand_in_a_fieldset_with_a_legend() -> None:
    html = show("{% field f.kind %}", f=Example())
    assert "<fieldset" in html
    assert "<legend>方式" in html
    assert html.count('type="radio"') == 2


def test_what_may_stay_empty_says_so() -> None:
    assert "说明（可不填）" in show("{% field f.memo %}", f=Example())


def test_the_summary_links_to_each_field() -> None:
    html = show("{% errors f %}", f=Example({}))
    assert "有2处要改" in html
    assert 'href="#id_amount"' in html
    assert 'href="#id_kind_0"' in html


def test_a_refusal_is_shown_apart_from_mistakes() -> None:
    form = Example({"amount": "1", "kind": "a"})
    assert form.is_valid()
    form.add_refusal(Refused("closed", "窗口已关，今天不能办。"))
    html = show("{% errors f %}", f=form)
    assert "gz-refused" in html
    assert "窗口已关" in html
    assert "处要改" not in html


def test_the_key_of_a_form_is_kept_when_it_comes_back(rf: RequestFactory) -> None:
    fresh = show("{% form_key %}", request=rf.get("/"))
    assert fresh != show("{% form_key %}", request=rf.get("/"))
    kept = show("{% form_key %}", request=rf.post("/", {"form_key": "abc"}))
    assert 'value="abc"' in kept


def test_the_pager_keeps_the_filter(rf: RequestFactory) -> None:
    page = Paginator(range(50), 20).page(2)
    html = show("{% pager p %}", p=page, request=rf.get("/?q=电梯&page=2"))
    assert "第21至40条，共50条" in html
    assert "q=%E7%94%B5%E6%A2%AF&amp;page=3" in html
    assert '<span aria-current="page">2</span>' in html
