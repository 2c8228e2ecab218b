"""Without a script, in large print, refused, in somebody's way, and with two clicks: the same work gets done."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import complaints
from tests.browser.complaints import ESTATE, ILLEGAL_BUILDING, RENTAL, submit
from tests.browser.people import PHONE as PHONE_WIDTH
from tests.browser.people import Office
from tests.browser.running import Platform

pytestmark = pytest.mark.browser

NAME, PHONE = "苗小禾", "13955512061"
WHAT = {ILLEGAL_BUILDING: "楼顶有人搭建阳光房，请查一查。"}


def test_without_a_script_the_public_complains_and_an_officer_signs_for_it(office: Office) -> None:
    complaint = submit(
        office.window(script=False, width=PHONE_WIDTH), {RENTAL: "退租不退押金。"}, name=NAME, phone=PHONE
    )
    (case,) = complaint.cases
    community = office.window("shequ", script=False)
    community.act(case, "报到签收")
    community.sees("已报到签收")
    community.sees("处理中")


def test_without_a_script_the_list_is_filtered_and_a_wrong_form_comes_back_filled(office: Office) -> None:
    street = office.window("jiedao", script=False)
    page = street.go("/anjian/?view=all")
    main = page.get_by_role("main")
    street.fill(小区=ESTATE)
    street.send("筛选")
    rows = main.get_by_role("row").filter(has=page.get_by_role("rowheader"))
    assert rows.count() > 1
    assert all(ESTATE in text for text in rows.all_inner_texts())
    street.go("/anjian/dengji/")
    street.fill(小区=ESTATE, 来电事由="电梯间有人抽烟。")
    street.send("登记")
    expect(main.get_by_role("alert").first).to_be_visible()
    expect(main.get_by_label("来电事由")).to_have_value("电梯间有人抽烟。")


def test_large_print_enlarges_every_page_until_it_is_switched_off(office: Office) -> None:
    public = office.window(width=PHONE_WIDTH)
    size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    page = public.go("/tousu/")
    normal = page.evaluate(size)
    page.get_by_role("link", name="大字版").click()
    assert page.evaluate(size) >= normal * 1.2
    public.go("/chaxun/")
    assert page.evaluate(size) >= normal * 1.2
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
    page.get_by_role("link", name="标准字").click()
    assert page.evaluate(size) == normal


def test_a_refused_act_says_why_by_which_clause_and_what_to_do(office: Office) -> None:
    """A community may not whistle; a penalty may not come before the finding."""
    complaint = submit(office.window(), WHAT, name=NAME, phone=PHONE)
    (case,) = complaint.cases
    community = office.window("shequ")
    acts = community.open_case(case).get_by_role("region", name="现在能做的")
    expect(acts).to_contain_text("您的岗位不能直接派")
    expect(acts).to_contain_text("上报上级")
    expect(acts.get_by_role("link", name=re.compile("^依据")).first).to_have_attribute(
        "href", re.compile("#JJ-3.3.10-3")
    )
    page = community.go(f"/anjian/{case}/whistle/")
    expect(
        page.get_by_role("heading", name="现在不能办").or_(page.get_by_text("您的岗位不能直接派")).first
    ).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name=re.compile("^依据")).first).to_be_visible()
    company = office.window("wuye")
    answer = company.page.goto(f"/anjian/{case}/assign/")
    assert answer is not None
    assert answer.status in (403, 404)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_of_two_clerks_on_one_case_the_second_is_shown_what_changed(office: Office) -> None:
    complaint = submit(office.window(), WHAT, name=NAME, phone=PHONE)
    (case,) = complaint.cases
    first, second = office.window("rexian"), office.window("jiedao")
    first.start_act(case, "吹哨")
    second.start_act(case, "派单")
    second.fill(派单说明="请尽快到场。")
    first.send("吹哨")
    first.sees("已吹哨")
    second.send("派单")
    main = second.page.get_by_role("main")
    expect(main).to_contain_text(re.compile("别人已经改过|不能“派单”"))
    expect(main).not_to_contain_text("已派单。")
    lines = first.open_case(case).get_by_role("heading", name=re.compile("吹哨：主办|派单：主办"))
    assert lines.count() == 1


def test_two_clicks_and_a_reloaded_form_make_one_complaint(office: Office, platform: Platform) -> None:
    public = office.window()
    count = "Complaint.objects.count()"
    before = int(platform.ask(count))
    complaints.fill(public, WHAT, name=NAME, phone=PHONE, location="9幢楼顶")
    button = public.page.get_by_role("main").get_by_role("button", name="提交投诉").last
    button.dblclick()
    expect(public.page.get_by_role("heading", level=1)).to_have_text("已收到您的投诉")
    assert int(platform.ask(count)) == before + 1
