"""What a document wants to be told of a matter before it is submitted, and what an office found itself."""

import pytest

from gongzhi.cases import services
from gongzhi.cases.models import Case
from gongzhi.cases.queries import case_acts
from gongzhi.cases.queries.cases import case_view
from gongzhi.cases.tests.pages import browse, post, words  # noqa: F401
from gongzhi.cases.tests.test_five_by_pack import HOUR, RECEIVED, cast, on_a_day_in, received  # noqa: F401
from gongzhi.core.tests.cast import Cast


def sheet(cast: Cast, channel: str, matter: str, **row) -> dict[str, str]:  # noqa: F811
    head = {
        "act": "send", "channel": channel, "rows": "1", "called_at": "2024-05-08T08:30",
        "reason": "有人反映，请查处。", "estate": cast.estate.name, "caller_name": "陈建国",
        "caller_phone": "13812345678",
    }  # fmt: skip
    return head | {"m0-matter": matter, "m0-title": "线索"} | {f"m0-{name}": value for name, value in row.items()}


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.4.9-4")
@pytest.mark.parametrize("channel", ["found", "phone"])
@pytest.mark.parametrize("matter", ["parking_sale_only", "warranty_unmet"])
def test_without_the_developer_it_is_not_submitted(cast, browse, channel, matter):  # noqa: F811
    client = browse("street_office")
    assert "开发建设单位" not in words(client.get(f"/anjian/dengji/?channel={channel}"))
    refused_page = post(client, "/anjian/dengji/", sheet(cast, channel, matter))
    assert (refused_page.status_code, Case.objects.count()) == (422, 0)
    said = words(refused_page)
    assert "要关联开发建设单位才能提交" in said
    assert "开发建设单位（可不填）" not in said
    done = post(client, "/anjian/dengji/", sheet(cast, channel, matter, developer="某置业公司"))
    assert done.status_code == 303
    case = Case.objects.get()
    assert (case.needs, case.route_lead, case.facts["developer"]) == ([], "housing", "某置业公司")


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.4.9-7")
@pytest.mark.parametrize("matter", ["cooking_site_new", "cooking_site_expanded"])
def test_without_the_article_and_the_kind_of_place_it_is_not_submitted(cast, browse, matter):  # noqa: F811
    client = browse("street_office")
    for given, lacking in (
        ({}, ["第六十二条", "禁止场所的类型才能"]),
        ({"in_barred_place": "on"}, ["禁止场所的类型才能"]),
        ({"premises_kind": "居民住宅楼"}, ["第六十二条"]),
    ):
        page = post(client, "/anjian/dengji/", sheet(cast, "found", matter, **given))
        assert (page.status_code, Case.objects.count()) == (422, 0)
        assert all(one in words(page) for one in lacking)
    full = sheet(cast, "found", matter, in_barred_place="on", premises_kind="居民住宅楼")
    assert post(client, "/anjian/dengji/", full).status_code == 303
    case = Case.objects.get()
    assert (case.needs, case.route_lead) == ([], "ecology")


@on_a_day_in("jiangyin")
@pytest.mark.clause("JY-2.4.9-4", "JY-2.4.9-7")
def test_an_owner_is_asked_the_same_and_a_ticket_of_the_hotline_waits(cast, browse):  # noqa: F811
    client = browse("owner")
    mine = {
        "act": "send", "matters": "1", "estate": cast.estate.name, "location": "2幢", "name": "陈建国",
        "phone": "13812345678", "m0-matter": "warranty_unmet", "m0-text": "外墙渗水，开发商不修。",
    }  # fmt: skip
    page = post(client, "/tousu/", mine)
    assert (page.status_code, Case.objects.count()) == (422, 0)
    assert "要关联开发建设单位才能提交" in words(page)
    assert post(client, "/tousu/", mine | {"m0-developer": "某置业公司"}).status_code == 303
    assert Case.objects.get().route_lead == "housing"
    ticket = sheet(cast, "hotline", "parking_sale_only", hotline_number="R-1") | {"hotline_number": "R-1"}
    assert post(browse("street_office"), "/anjian/dengji/", ticket).status_code == 303
    assert Case.objects.get(channel="hotline").needs == ["developer"]


@on_a_day_in("meixian")
@pytest.mark.clause("MX-3.10.2-2")
def test_what_an_office_found_itself_has_nobody_to_be_told_and_is_not_judged(cast):  # noqa: F811
    office = cast.actor("street_office")
    found, told = received(cast, "fire_lane", channel="found"), received(cast, "fire_lane", channel="phone")
    codes = {one: {act.code for act in case_acts(one, office, RECEIVED + HOUR)} for one in (found, told)}
    assert "judge_validity" in codes[told] and "judge_validity" not in codes[found]
    assert case_view(found, office).complainant["name"] == "没有，主动发现"
    services.assign_case(found, actor=office, now=RECEIVED + HOUR)
    lead = cast.actor("fire_rescue")
    assert "contact" not in {act.code for act in case_acts(found, lead, RECEIVED + HOUR)}
