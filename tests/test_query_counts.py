"""A page asks the database as often for thirty rows as for three."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gongzhi.cases import services as cases
from gongzhi.cases.accountability.services import sheets
from gongzhi.cases.accountability.services.sheets import ItemInput
from gongzhi.cases.accountability.tests.steps import given, sent_finding
from gongzhi.cases.models import Case
from gongzhi.cases.tests.pages import Browse, browse
from gongzhi.cases.tests.steps import at, submit
from gongzhi.cases.tests.test_problems import register as register_problem
from gongzhi.core.actors import Actor
from gongzhi.core.tests.cast import Cast
from gongzhi.duties.models import Duty
from gongzhi.registry import services as registry
from gongzhi.registry.models import Building, Unit

__all__ = ["browse"]

FEW, MANY = 3, 30
MOST = 60  # whatever a page shows
THE_FILE = {"an estate": 80}  # each part of the platform puts a card of its own on it
NOW = at(5, 20)


@contextmanager
def counted() -> Iterator[list[str]]:
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.extend(one["sql"] for one in captured.captured_queries)


def more_cases(cast: Cast, first: int, last: int) -> None:
    for number in range(first, last):
        now = at(5, 5) + timedelta(minutes=number)
        case = submit(cast, "fire_lane", channel="phone", now=now).cases.get()
        if number % 2:
            cases.whistle(case, actor=cast.actor("street_office"), now=now)
    for case in Case.objects.order_by("pk")[:1]:
        for number in range(first, last):
            cases.ease_case(case, text=f"第{number}次上门", actor=cast.actor("community_station"), now=at(5, 10))


def more_registry(cast: Cast, first: int, last: int) -> None:
    building = Building.objects.filter(estate=cast.estate).order_by("pk").first()
    for number in range(first, last):
        registry.register_estate(
            community=cast.community, name=f"新苑{number}", actor=Actor.system(), now=NOW, buildings=["1幢"]
        )
        registry.register_unit(
            building,
            name=f"{number}01",
            exclusive_area_m2=Decimal("80"),
            area_source="survey",
            actor=Actor.system(),
            now=NOW,
        )


def more_accountability(cast: Cast, first: int, last: int) -> None:
    office = cast.actor("leading_group_office")
    for number in range(first, last):
        given(cast, due_on=date(2022, 6, 1 + number % 20), now=at(5, 6))
        sent_finding(cast, now=at(5, 6))
        register_problem(cast, spot=f"{number}幢楼道")
        items = [ItemInput(f"清理{number}", cast.organisation("fire_rescue"), date(2022, 6, 20))]
        sheets.draft_sheet(
            kind="order", title=f"交办{number}", origin="联席会议纪要", items=items, actor=office, now=at(5, 6)
        )


# address (a function of the cast), who looks
PAGES: dict[str, tuple[str, Any]] = {
    "cases": ("street_office", lambda cast: "/anjian/"),
    "all cases by repetition": ("hotline_desk", lambda cast: "/anjian/?view=all&order=repeats"),
    "cases of a department": ("fire_rescue", lambda cast: "/anjian/?view=all"),
    "cases found by words": ("leading_group_office", lambda cast: "/anjian/?text=玻璃"),
    "a case": ("street_office", lambda cast: f"/anjian/{Case.objects.order_by('pk')[0].number}/"),
    "the register of a unit": ("street_office", lambda cast: "/anjian/taizhang/?from=2022-05-01&to=2022-05-31"),
    "hot spots": ("leading_group_office", lambda cast: "/anjian/redian/"),
    "checks on site": ("leading_group_office", lambda cast: "/anjian/jiancha/"),
    "competences": ("leading_group_office", lambda cast: "/anjian/zhize/"),
    "problems of companies": ("street_office", lambda cast: "/anjian/wenti/"),
    "desk": ("street_office", lambda cast: "/gongzuotai/"),
    "desk of a department": ("fire_rescue", lambda cast: "/gongzuotai/"),
    "list of today": ("street_office", lambda cast: "/gongzuotai/qingdan/"),
    "what others owe": ("leading_group_office", lambda cast: "/gongzuotai/qian/"),
    "calendar of duties": ("street_office", lambda cast: "/gongzuotai/richeng/"),
    "units and their duties": ("leading_group_office", lambda cast: "/gongzuotai/danwei/"),
    "duties of a unit": (
        "leading_group_office", lambda cast: f"/gongzuotai/danwei/{cast.organisation('fire_rescue').pk}/"
    ),
    "tasks handed out": ("leading_group_office", lambda cast: "/gongzuotai/jiaoban/"),
    "a duty": ("street_office", lambda cast: f"/gongzuotai/{_duty(cast)}/"),
    "estates": ("street_office", lambda cast: "/xiaoqu/"),
    "what is known of estates": ("street_office", lambda cast: "/xiaoqu/dishu/"),
    "imports": ("street_office", lambda cast: "/xiaoqu/daoru/"),
    "organisations": ("leading_group_office", lambda cast: "/xiaoqu/danwei/"),
    "an organisation": (
        "leading_group_office", lambda cast: f"/xiaoqu/danwei/{cast.organisation('street_office').pk}/"
    ),
    "an estate": ("street_office", lambda cast: f"/xiaoqu/{cast.estate.pk}/"),
    "units of an estate": ("street_office", lambda cast: f"/xiaoqu/{cast.estate.pk}/fangwu/"),
    "a unit": ("street_office", lambda cast: f"/xiaoqu/fangwu/{Unit.objects.order_by('pk')[0].pk}/"),
    "documents": ("street_office", lambda cast: "/tiaokuan/"),
    "clauses of a document": ("street_office", lambda cast: "/tiaokuan/jiujiang/"),
    "switches of a document": ("leading_group_office", lambda cast: "/tiaokuan/jiujiang/kaiguan/"),
    "questions": ("street_office", lambda cast: "/wenguize/"),
    "a question": ("street_office", lambda cast: "/wenguize/jiujiang/cases.route/"),
    "simulation": ("street_office", lambda cast: "/wenguize/jiujiang/moni/"),
    "board of tasks": ("leading_group_office", lambda cast: "/wenze/"),
    "tasks by month": ("leading_group_office", lambda cast: "/wenze/fenyue/"),
    "division of tasks": ("leading_group_office", lambda cast: "/wenze/fengong/"),
    "inspections": ("leading_group_office", lambda cast: "/wenze/ducha/"),
    "orders": ("leading_group_office", lambda cast: "/wenze/jiaobandan/"),
    "steps of units": ("leading_group_office", lambda cast: "/wenze/cengji/"),
    "talks": ("leading_group_office", lambda cast: "/wenze/yuetan/"),
    "candidates for censure": ("leading_group_office", lambda cast: "/wenze/houxuan/"),
    "notice boards": ("street_office", lambda cast: "/wenze/gongshipai/"),
    "counts of checks": ("leading_group_office", lambda cast: "/wenze/jiancha/"),
}  # fmt: skip


def _duty(cast: Cast) -> int:
    case = Case.objects.order_by("pk")[0]
    return int(Duty.objects.filter(subject_kind="case", subject_id=str(case.pk)).order_by("pk")[0].pk)


def _asked(cast: Cast, browse: Browse) -> dict[str, list[str]]:
    found = {}
    for name, (role, address) in PAGES.items():
        client: Client = browse(role, NOW)
        url = address(cast)
        assert client.get(url).status_code == 200, (name, url)
        cache.clear()
        with counted() as queries:
            client.get(url)
        found[name] = queries
    return found


def test_no_page_asks_more_often_for_more_rows(cast: Cast, browse: Browse) -> None:
    for more in (more_cases, more_registry, more_accountability):
        more(cast, 0, FEW)
    few = _asked(cast, browse)
    for more in (more_cases, more_registry, more_accountability):
        more(cast, FEW, MANY)
    many = _asked(cast, browse)
    grown = {name: (len(few[name]), len(many[name])) for name in PAGES if len(few[name]) < len(many[name])}
    assert not grown, _told(grown, few, many)
    assert not {name: len(asked) for name, asked in many.items() if len(asked) > THE_FILE.get(name, MOST)}


def _told(grown: dict[str, tuple[int, int]], few: dict[str, list[str]], many: dict[str, list[str]]) -> str:
    """Which statements came more often, by how they begin."""
    lines = []
    for name, numbers in grown.items():
        lines.append(f"{name}: {numbers[0]} for {FEW} rows, {numbers[1]} for {MANY}")
        heads = {sql[:110] for sql in many[name]}
        for head in heads:
            times = [sum(sql.startswith(head) for sql in asked) for asked in (few[name], many[name])]
            if times[0] != times[1]:
                lines.append(f"    {times[0]} > {times[1]}: {head}")
    return "\n".join(lines)
