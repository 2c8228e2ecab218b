"""One complaint with two matters from the public's form to the archive, by the hands of everybody who has a part."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import ILLEGAL_BUILDING, RENTAL, Submitted, submit
from tests.browser.people import CASE_NUMBER, Office, Person

pytestmark = pytest.mark.browser

NAME, PHONE = "柳青禾", "13955512047"
MATTERS = {ILLEGAL_BUILDING: "楼顶有人连夜搭建玻璃房，已经封顶。", RENTAL: "退租一个月，房东不退押金。"}
ARCHIVED_AS = ("登记材料", "调查材料", "图片", "办理意见", "会议记录", "领导批示", "处理结果")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "现场照片.txt"
    path.write_text("现场照片说明：楼顶玻璃房一处。", encoding="utf-8")
    return path


def test_one_complaint_through(office: Office, paper: Path) -> None:
    public = office.window()
    complaint = submit(public, MATTERS, name=NAME, phone=PHONE)
    building, rental = complaint.cases
    the_receipt_names_due_dates_and_clauses(public)
    the_hotline_whistles(office.window("rexian"), complaint)
    the_bureau_finds_out(office.window("chengguan"), building, paper)
    planning_finds_it_unlawful(office.window("guihua"), building)
    the_bureau_acts(office.window("chengguan"), building)
    the_community_settles_the_dispute(office.window("shequ"), rental)
    the_street_sees_both(office.window("jiedao"), complaint)
    the_hotline_calls_back(office.window("rexian"), building)
    the_public_tracks_and_rates(office.window(), complaint)
    the_bureau_files_it_away(office.window("chengguan"), building, paper)
    the_leading_group_sees_units_and_ladder(office.window("lingdaoxiaozu"), building)
    the_company_never_sees_who_complained(office.window("wuye"), complaint)


def the_receipt_names_due_dates_and_clauses(public: Person) -> None:
    main = public.page.get_by_role("main")
    assert main.get_by_text("还剩15日").count() == len(MATTERS)
    expect(main.get_by_role("region", name=ILLEGAL_BUILDING)).to_contain_text("正在确定")
    expect(main.get_by_role("region", name=RENTAL)).to_contain_text("社区物管站")
    law = main.get_by_role("region", name="依据", exact=True)
    expect(law).to_contain_text("JJ-5.3-2")
    expect(main.get_by_role("link", name=re.compile("^依据")).first).to_be_visible()


def the_hotline_whistles(hotline: Person, complaint: Submitted) -> None:
    """It finds both in the list; the dispute went to the community by itself, the violation waits for the whistle."""
    building, rental = complaint.cases
    page = hotline.go("/anjian/")
    for number, matter in zip(complaint.cases, MATTERS, strict=True):
        search = page.get_by_role("search")
        search.get_by_role("searchbox").fill(number)
        search.get_by_role("button", name="搜索").click()
        expect(page.get_by_role("main").get_by_role("row").filter(has_text=number)).to_contain_text(matter)
    hotline.open_case(rental)
    hotline.sees("社区物管站")
    page = hotline.start_act(building, "吹哨")
    main = page.get_by_role("main")
    chosen = main.get_by_label("主办单位").evaluate("e => e.selectedOptions[0].text")
    assert chosen == "区城管局", "the route recommends the bureau"
    expect(main).to_contain_text("职责清单已带出：市自然资源和规划局鸠江分局")
    expect(main.get_by_role("region", name="办了以后")).to_contain_text("报到签收")
    hotline.send("吹哨")
    hotline.sees("已吹哨")
    hotline.sees("待报到")
    expect(page.get_by_role("main")).to_contain_text("三(三)10")


def the_bureau_finds_out(bureau: Person, case: str, paper: Path) -> None:
    page = bureau.go("/gongzuotai/")
    expect(page.get_by_role("main")).to_contain_text(case)
    bureau.act(case, "报到签收")
    bureau.sees("已报到签收")
    bureau.act(case, "登记现场核实", 现场情况="楼顶玻璃房一处，约20平方米，未见审批材料。", 现场照片=paper)
    bureau.sees("现场照片.txt")
    bureau.act(case, "告知办理期限", 告知方式="电话")
    bureau.act(case, "商请认定", 要认定什么="楼顶玻璃房是否属于违法建设。")
    page = bureau.open_case(case)
    barred = page.get_by_role("region", name="现在能做的")
    expect(barred).to_contain_text("填处罚决定文号　还不能办")
    expect(barred.get_by_role("link", name=re.compile("^依据")).first).to_be_visible()


def planning_finds_it_unlawful(planning: Person, case: str) -> None:
    expect(planning.go("/gongzuotai/").get_by_role("main")).to_contain_text(case)
    planning.act(case, "出具认定意见", 认定意见="违法", 认定的理由="没有建设工程规划许可，属违法建设。")
    planning.sees("违法")


def the_bureau_acts(bureau: Person, case: str) -> None:
    bureau.act(case, "登记介入和执法", 哪一种="前期介入", 介入和处理的情况="责令停工，通知自行拆除。")
    bureau.act(case, "立案", 文号="示范城管立〔2026〕88号")
    bureau.act(case, "登记介入和执法", 哪一种="执法处理", 介入和处理的情况="逾期没有拆除，依法强制拆除。")
    bureau.act(case, "填处罚决定文号", 文号="示范城管罚〔2026〕88号")
    bureau.act(case, "登记办理结果", 办理结果="已作出处罚", 结果说明="玻璃房已拆除，处罚决定已送达。")
    bureau.act(case, "答复投诉人", 答复内容="楼顶玻璃房已依法拆除。", 答复方式="电话")
    bureau.sees("已答复投诉人")
    expect(bureau.page.get_by_role("main")).to_contain_text("示范城管罚〔2026〕88号")


def the_community_settles_the_dispute(community: Person, case: str) -> None:
    community.act(case, "报到签收")
    community.act(case, "登记现场核实", 现场情况="到社区调解室当面调解。")
    community.act(case, "告知办理期限", 告知方式="当面")
    community.act(case, "登记办理结果", 办理结果="调解达成一致", 结果说明="房东三日内退还押金。")
    community.act(case, "答复投诉人", 答复内容="押金三日内退还，已签调解协议。", 答复方式="当面")
    community.sees("已答复投诉人")


def the_street_sees_both(street: Person, complaint: Submitted) -> None:
    for number in complaint.cases:
        street.open_case(number)
        street.sees("已答复")
        expect(street.page.get_by_role("main")).not_to_contain_text(complaint.phone)


def the_hotline_calls_back(hotline: Person, case: str) -> None:
    hotline.act(case, "回访", 回访结果="满意", 投诉人怎么说="已经拆了，没有意见。")
    hotline.sees("已登记回访")


def the_public_tracks_and_rates(public: Person, complaint: Submitted) -> None:
    """By number and the tail of the telephone alone; a wrong tail shows nothing."""
    page = public.go("/chaxun/")
    public.fill(受理编号=complaint.number, 电话后四位="0000")
    public.send("查进度")
    expect(page.get_by_role("alert")).to_contain_text("对不上")
    public.fill(受理编号=complaint.number, 电话后四位=complaint.tail)
    public.send("查进度")
    case = page.get_by_role("region", name=ILLEGAL_BUILDING)
    expect(case).to_contain_text("楼顶玻璃房已依法拆除。")
    case.get_by_role("group", name="您满意吗").get_by_label("5星　很满意").check()
    case.get_by_label("想说的话").fill("办得快。")
    case.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("region", name=ILLEGAL_BUILDING)).to_contain_text("您的评价：5星")


def the_bureau_files_it_away(bureau: Person, case: str, paper: Path) -> None:
    bureau.act(case, "补充办理情况", 办理情况="补拆除前后的照片。", 材料归哪一类="处理结果", 材料=paper)
    bureau.act(case, "办结")
    page = bureau.start_act(case, "归档")
    main = page.get_by_role("main")
    for item in ARCHIVED_AS:
        expect(main.get_by_text(item).first).to_be_visible()
    bureau.send("归档")
    expect(main.get_by_role("alert").first).to_be_visible()  # each of the seven kinds: a paper, or "none" said in words
    for item in ARCHIVED_AS:
        none = main.get_by_label(f"没有{item}", exact=True)
        if none.count():
            none.check()
    bureau.send("归档")
    bureau.sees("案卷从此只读")
    expect(main.get_by_role("link", name="整卷下载").first).to_be_visible()


def the_leading_group_sees_units_and_ladder(group: Person, case: str) -> None:
    """Its own case is filed away; of the overdue ones of the demonstration the ladder has issued numbered papers."""
    page = group.go("/gongzuotai/danwei/")
    main = page.get_by_role("main")
    expect(main).to_contain_text("按期率")
    expect(main.get_by_role("row").filter(has_text="区城管局")).to_contain_text("%")
    group.open_case(case)
    group.sees("已归档")
    group.go("/gongzuotai/qian/")
    main.get_by_role("row").filter(has_text="答复投诉人").filter(has_text="已督促").get_by_role("link").first.click()
    main.get_by_role("link", name=CASE_NUMBER).first.click()
    papers = main.get_by_role("region", name="文书和材料")
    expect(papers).to_contain_text("抄告单")
    expect(papers).to_contain_text(re.compile("〔20[0-9]{2}〕[0-9]+号"))
    expect(main.get_by_role("heading", name=re.compile("出抄告单")).first).to_be_visible()


def the_company_never_sees_who_complained(company: Person, complaint: Submitted) -> None:
    """Every page it can reach by links from its desk, and the cases by their addresses."""
    seen = pages_within_reach(company, [f"/anjian/{number}/" for number in complaint.cases])
    assert len(seen) > 5
    for address, html in seen.items():
        for secret in (complaint.name, complaint.phone, "柳**", complaint.tail + "<"):
            assert secret not in html, f"{address} shows {secret}"


MOST_PAGES = 40
ELSEWHERE = ("/tuichu", "/tiaokuan", "/wenguize", "/rili", "/static", "/yinsi", "/wuzhangai")


def pages_within_reach(person: Person, start: list[str]) -> dict[str, str]:
    waiting, seen = ["/gongzuotai/", "/anjian/?view=all", *start], {}
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        if address in seen:
            continue
        page: Page = person.page
        answer = page.request.get(address)
        seen[address] = answer.text()
        if "text/html" in answer.headers.get("content-type", ""):
            found = re.findall(r'href="(/[^"#]*)', seen[address])
            waiting += [
                one.replace("&amp;", "&") for one in found if not one.startswith(ELSEWHERE) and "zi=" not in one
            ]
    return seen
