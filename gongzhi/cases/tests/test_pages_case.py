"""The page of a case: what is on it, for whom, and in how many statements."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from gongzhi.cases import services
from gongzhi.cases.accountability.tests.test_boards import numbers, posted
from gongzhi.cases.events import EVENTS
from gongzhi.cases.models import Case
from gongzhi.cases.tests.pages import Browse, act_url, browse, case_url, post, words
from gongzhi.cases.tests.steps import answered, assigned, at, reported_in, submit, submitted
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import Cast
from gongzhi.registry.models import Project

__all__ = ["browse"]

STRUCTURE = "illegal_structure"
MOST_STATEMENTS = 60


def _phone(cast: Cast, *matters: str, **given: Any) -> Case:
    return submit(cast, *(matters or (STRUCTURE,)), channel="phone", **given).cases.order_by("id")[0]


@pytest.mark.clause("JJ-5.3-2", "JJ-A7-3-1")
def test_the_page_names_clause_due_date_and_how_it_was_counted(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    services.whistle(case, actor=cast.actor("street_office"), now=cast.now)
    page = words(browse("urban_management").get(case_url(case)))
    assert "答复投诉人" in page
    assert "5月5日收到，5月20日到期" in page
    assert "5月20日24:00前为按期" in page
    assert "#JJ-5.3-2" in page
    assert "文件未规定：15日按自然日还是工作日" in page


def test_the_page_says_why_the_unit_is_competent(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    services.whistle(case, actor=cast.actor("street_office"), now=cast.now)
    page = words(browse("street_office").get(case_url(case)))
    assert f"为什么派给{cast.organisation('urban_management')}" in page
    assert "小区在建成区内 是" in page


@pytest.mark.clause("JJ-A7-3-1")
def test_the_seven_stages_stand_in_their_order(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    page = words(browse("street_office").get(case_url(case)))
    stages = page[page.index("gz-stages") : page.index("案件情况")]
    places = [stages.index(f"<b>{name}</b>") for name in ("公示", "制止", "登记", "上报", "处理", "归档", "问责")]
    assert places == sorted(places)
    assert "问责</b>未触发" in stages and "公示</b>公示牌未张贴" in stages


@pytest.mark.clause("JJ-A7-3-1")
def test_each_stage_says_when_and_by_whom(cast: Cast, browse: Browse) -> None:
    numbers(cast)
    posted(cast, cast.estate)
    case = reported_in(cast, STRUCTURE, lead="urban_management", now=at(5, 7))
    services.stop_on_site(case, method="责令停工", effective=True, actor=cast.actor("urban_management"), now=at(5, 8))
    page = words(browse("street_office", at(5, 9)).get(case_url(case)))
    stages = page[page.index("gz-stages") : page.index("案件情况")]
    street, bureau = cast.actor("street_office").label, cast.organisation("urban_management").name
    assert f"公示</b>5月6日张贴　{street}" in stages
    assert f"制止</b>5月8日　{bureau}" in stages
    assert "登记</b>5月7日" in stages


@pytest.mark.clause("JJ-A7-3-1")
def test_what_is_merged_before_anybody_was_asked_is_not_yet_handling(cast: Cast, browse: Browse) -> None:
    main, again = _phone(cast), _phone(cast)
    services.merge_complaint(again, into=main, reason="同一件", actor=cast.actor("street_office"), now=cast.now)
    page = words(browse("street_office").get(case_url(main)))
    assert "处理</b>未到" in page[page.index("gz-stages") : page.index("案件情况")]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("street_office", 200), ("community_station", 200), ("leading_group_office", 200), ("hotline_desk", 200),
        ("county_leader", 200), ("urban_management", 200), ("street_office@2", 403), ("community_station@2", 403),
        ("market_regulation", 403), ("police", 403), ("project_manager", 403), ("owner", 403), ("system_admin", 403),
    ],
)  # fmt: skip
def test_each_role_sees_the_case_or_is_told_why_not(cast: Cast, browse: Browse, role: str, status: int) -> None:
    case = _phone(cast)
    services.whistle(case, actor=cast.actor("street_office"), now=cast.now)
    response = browse(role).get(case_url(case))
    assert response.status_code == status
    if status == 403:
        assert "不能" in words(response)
        assert case.title not in words(response)


def test_who_is_not_signed_in_is_sent_to_sign_in(cast: Cast, client: Any) -> None:
    case = _phone(cast)
    response = client.get(case_url(case))
    assert response.status_code == 302
    assert response["Location"].startswith("/denglu/")


def test_an_unknown_number_is_not_found(cast: Cast, browse: Browse) -> None:
    assert browse("street_office").get("/anjian/JJ-2022-99999/").status_code == 404


def test_the_company_that_takes_part_sees_neither_name_nor_phone(cast: Cast, browse: Browse) -> None:
    text = "陈建国反映：物业把公共走廊租出去了，请打13812345678找陈建国。"
    case = _phone(cast, "greening", text=text)
    services.assign_case(
        case,
        lead=cast.organisation("property_company"),
        reason="由物业先行处理",
        actor=cast.actor("street_office"),
        now=cast.now,
    )
    page = words(browse("project_manager").get(case_url(case)))
    assert "保密" in page
    for secret in ("陈建国", "13812345678", "138****5678", "陈**"):
        assert secret not in page
    assert "物业把公共走廊租出去了" in page


def test_the_complainant_sees_what_he_was_told_and_no_clerk(cast: Cast, browse: Browse) -> None:
    case = submitted(cast, STRUCTURE)
    services.assign_case(case, actor=cast.actor("hotline_desk"), now=cast.now)
    services.report_in(case, actor=cast.actor("urban_management"), now=cast.now)
    services.note_progress(case, note="内部研究处罚幅度", actor=cast.actor("urban_management"), now=cast.now)
    page = words(browse("owner").get(case_url(case)))
    assert "已签收" in page
    assert "内部研究处罚幅度" not in page
    assert "孟强" not in page


def test_looking_at_the_complainant_needs_a_reason_and_leaves_a_trace(cast: Cast, browse: Browse) -> None:
    case = _phone(cast)
    client = browse("street_office")
    page = words(client.get(case_url(case)))
    assert "13812345678" not in page
    assert "138****5678" in page
    refused = client.post(f"{case_url(case)}tousuren/", {"reason": ""})
    assert refused.status_code == 422
    assert "请选择查看理由" in words(refused)
    assert "13812345678" not in words(refused)
    shown = client.post(f"{case_url(case)}tousuren/", {"reason": "contact"})
    assert "13812345678" in words(shown)
    assert shown["Cache-Control"] == "private, no-store"
    looked = Event.objects.filter(kind="person.revealed")
    assert {row.data["field"] for row in looked} == {"name", "phone", "address"}
    assert {row.data["reason"] for row in looked} == {"联系当事人"}


def test_a_company_cannot_reveal_the_complainant(cast: Cast, browse: Browse) -> None:
    case = _phone(cast, "greening")
    services.assign_case(
        case,
        lead=cast.organisation("property_company"),
        reason="先行处理",
        actor=cast.actor("street_office"),
        now=cast.now,
    )
    response = browse("project_manager").post(f"{case_url(case)}tousuren/", {"reason": "contact"})
    assert response.status_code == 403
    assert not Event.objects.filter(kind="person.revealed").exists()


def test_what_is_not_possible_yet_stands_there_with_its_reason_and_clause(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    page = words(browse("urban_management").get(case_url(case)))
    assert "填处罚决定文号</strong>　还不能办" in page
    assert "还没有认定意见" in page
    assert "#JJ-A3-2.7-2" in page


def test_the_matters_of_one_submission_stand_together(cast: Cast, browse: Browse) -> None:
    case = _phone(cast, STRUCTURE, "neighbour_dispute")
    page = words(browse("street_office").get(case_url(case)))
    assert "分事项　2项" in page
    assert case.complaint.number in page


def test_the_timeline_is_in_chinese_words_newest_first(cast: Cast, browse: Browse) -> None:
    case = answered(cast, STRUCTURE, lead="urban_management", now=cast.now)
    page = words(browse("urban_management").get(case_url(case)))
    line = page[page.index("办理经过") :]
    assert line.index("答复投诉人") < line.index("现场核实") < line.index("登记：")
    for code in ("case.", "reported_in", "urban_management", "illegal_structure", "None"):
        assert code not in line


def test_every_event_of_a_case_has_a_chinese_name() -> None:
    named = [kind.title for kind in EVENTS if kind.name.startswith("case.")]
    assert named
    assert all(any("一" <= sign <= "鿿" for sign in title) for title in named)


def test_an_overdue_clock_stands_first_and_says_so_in_words(cast: Cast, browse: Browse) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    page = words(browse("urban_management", at(5, 23)).get(case_url(case)))
    strip = page[page.index("gz-clocks") : page.index("办理环节")]
    assert "已超" in strip[: strip.index("</li>")]
    assert "个期限已超" in page
    assert "逾期说明" in page


def test_the_file_as_a_package_and_on_paper(cast: Cast, browse: Browse) -> None:
    case = answered(cast, STRUCTURE, lead="urban_management", now=cast.now)
    client = browse("urban_management")
    package = ZipFile(BytesIO(client.get(f"{case_url(case)}juanzong/").content))
    assert "2-办理经过.html" in package.namelist()
    paper = words(client.get(f"{case_url(case)}dayin/"))
    assert case.number in paper
    assert "现场核实" in paper
    both = submitted(cast, "fire_lane")
    many = words(browse("hotline_desk").get(f"/anjian/dayin/?case={case.pk}&case={both.pk}"))
    assert case.number in many
    assert both.number in many


def test_the_page_takes_few_statements_however_long_the_timeline(
    cast: Cast, browse: Browse, django_assert_max_num_queries: Any
) -> None:
    case = reported_in(cast, STRUCTURE, lead="urban_management")
    for minute in range(12):
        services.note_progress(
            case,
            note=f"第{minute}次记录",
            actor=cast.actor("urban_management"),
            now=cast.now + timedelta(minutes=minute),
        )
    client = browse("urban_management")
    client.get(case_url(case))
    with django_assert_max_num_queries(MOST_STATEMENTS):
        assert client.get(case_url(case)).status_code == 200


def test_an_archived_case_is_read_only(cast: Cast, browse: Browse) -> None:
    case = answered(cast, "fire_lane", lead="fire_rescue", now=cast.now)
    client = browse("fire_rescue")
    assert post(client, act_url(case, "close"), {"version": case.version}).status_code == 303
    case.refresh_from_db()
    none = {f"{item}_none": "on" for item in ("pictures", "minutes", "instructions")}
    assert post(client, act_url(case, "archive"), {"version": case.version, **none}).status_code == 303
    case.refresh_from_db()
    assert case.get_state_display() == "已归档"
    page = words(client.get(case_url(case)))
    assert "案卷只读" in page
    assert "整卷下载" in page
    assert "现在能做的" not in page


@pytest.mark.clause("JJ-A3-2.4-2")
def test_a_complaint_about_prices_shows_the_charge_on_record_and_another_does_not(cast: Cast, browse: Browse) -> None:
    Project.objects.filter(estate=cast.estate).update(fee_yuan_m2_month="1.85", service_standard="三级")
    about = assigned(cast, "price_violation")
    page = words(browse("market_regulation").get(f"/anjian/{about.number}/"))
    assert "登记的收费" in page and "1.85元/平方米·月" in page and "三级" in page
    other = assigned(cast, "fire_lane")
    assert "登记的收费" not in words(browse("fire_rescue").get(f"/anjian/{other.number}/"))
