"""An unlawful roof from the manager's phone to the department's decision, and what the manager reads of it."""

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from gongzhi.core.days import ZONE
from gongzhi.site.demo.patrols import DOT
from tests.browser.complaints import ESTATE, ILLEGAL_BUILDING
from tests.browser.people import CASE_NUMBER, PHONE, Office, Person, fits

pytestmark = pytest.mark.browser

SPOT = "5幢楼顶"
RESULT = "玻璃房已经拆除。"


def test_from_dissuading_to_the_result(office: Office, tmp_path: Path) -> None:
    photo = tmp_path / "现场.png"
    photo.write_bytes(DOT)
    manager = office.window("wuye", width=PHONE)
    line = the_manager_registers_what_he_dissuaded(manager)
    the_manager_gives_notice_and_reports(manager, line, photo)
    case = the_manager_keeps_evidence(manager, line, photo)
    the_community_stops_it_in_vain(office.window("shequ"), case)
    planning_finds_it_unlawful(office.window("chengguan"), office.window("guihua"), case)
    the_bureau_settles_it(office.window("chengguan"), case, photo)
    the_manager_reads_the_result(manager, line)
    the_evidence_is_exported_and_verifies(manager, line, tmp_path)


def now() -> str:
    return f"{datetime.now(ZONE):%Y-%m-%dT%H:%M}"  # noqa: TID251 - the platform runs by the wall clock


def the_manager_registers_what_he_dissuaded(manager: Person) -> str:
    page = manager.go("/anjian/wenti/dengji/")
    fits(page)
    manager.fill(小区=ESTATE, 来源="自查", 地点=SPOT, 事项=ILLEGAL_BUILDING, 内容="楼顶正在搭玻璃房", 报告人="巡逻保安")
    manager.fill_one("是违反条例的行为", True)
    manager.send("登记")
    manager.sees(re.compile("制止"))
    manager.fill(制止时间=now(), 制止方式="当面劝阻", 到什么程度="初期（正在建、刚发生）")
    manager.send("登记")
    manager.sees(SPOT)
    manager.sees("违反条例")
    return page.url


def does(person: Person, address: str, title: str, button: str = "", **fields: object) -> None:
    page = person.go(address)
    page.get_by_role("main").get_by_role("link", name=title, exact=True).first.click()
    person.fill(**fields)
    person.send(button or title)


def the_manager_gives_notice_and_reports(manager: Person, line: str, photo: Path) -> None:
    page = manager.page
    does(manager, line, "登记制止", 制止方式="当面劝阻", 有没有效果="没有停止")
    manager.sees("没有停止")
    page.get_by_role("link", name="出具劝阻告知书", exact=True).click()
    fits(page)
    manager.send("出具劝阻告知书")
    manager.sees("请填当事人")
    manager.fill(**{"当事人（房号、摊位，不写姓名）": "5幢顶层业主"}, 要求="立即停止搭建", 同时上报给="观岚社区物管站")
    manager.send("出具劝阻告知书")
    manager.sees(re.compile(r"劝告〔\d{4}〕\d+号"))
    manager.sees("已上报")
    does(manager, line, "登记送达", 怎样送达的="拒绝签收", 见证人="网格员", 送达照片=str(photo))
    manager.sees("拒绝签收")
    with page.expect_download() as printed:
        page.get_by_role("link", name="打印（PDF）").first.click()
    assert printed.value.path().read_bytes().startswith(b"%PDF")


def the_manager_keeps_evidence(manager: Person, line: str, photo: Path) -> str:
    page = manager.go(line)
    page.get_by_role("main").get_by_role("link", name=re.compile("^证据")).click()
    page.get_by_role("link", name="收存证据", exact=True).click()
    manager.fill(**{"证明什么": "正在搭建", "取得时间": now(), "在哪里取得": SPOT,
                    "证据（照片、PDF、Word、Excel）": str(photo)})  # fmt: skip
    manager.send("收存证据")
    manager.sees("核对存证")
    page = manager.go(line)
    text = page.get_by_role("region", name="上报以后").inner_text()
    found = CASE_NUMBER.search(text)
    assert found, text
    return found[0]


def the_community_stops_it_in_vain(community: Person, case: str) -> None:
    community.act(case, "报到签收")
    community.act(case, "登记现场制止", 怎样制止="责令停工", 有没有效果="没有停止")
    community.sees("区城管局")


def planning_finds_it_unlawful(bureau: Person, planning: Person, case: str) -> None:
    bureau.act(case, "报到签收")
    bureau.act(case, "登记现场核实", 现场情况="玻璃房一处，约12平方米。")
    barred = bureau.open_case(case).get_by_role("region", name="现在能做的")
    expect(barred).to_contain_text("填处罚决定文号　还不能办")
    bureau.act(case, "商请认定", 要认定什么="是否属于违法建设")
    planning.act(case, "出具认定意见", 认定意见="违法", 认定的理由="没有规划许可。")


def the_bureau_settles_it(bureau: Person, case: str, photo: Path) -> None:
    bureau.act(case, "登记介入和执法", 哪一种="前期介入", 介入和处理的情况="责令自行拆除。")
    bureau.act(case, "立案", 文号="示范城管立〔2026〕91号")
    bureau.act(case, "登记介入和执法", 哪一种="执法处理", 介入和处理的情况="到期没有拆，依法拆除。")
    bureau.act(case, "填处罚决定文号", 文号="示范城管罚〔2026〕91号")
    bureau.act(case, "登记办理结果", 办理结果="已作出处罚", 结果说明="到期没有拆，已强制拆除。")
    bureau.act(case, "答复投诉人", 答复内容=RESULT, 答复方式="电话")


def the_manager_reads_the_result(manager: Person, line: str) -> None:
    page = manager.go(line)
    manager.sees(RESULT)
    fits(page)


def the_evidence_is_exported_and_verifies(manager: Person, line: str, folder: Path) -> None:
    page = manager.go(line)
    page.get_by_role("main").get_by_role("link", name=re.compile("^证据")).click()
    with page.expect_download() as sent:
        page.get_by_role("button", name="导出证据包").click()
    package = folder / "证据.zip"
    sent.value.save_as(package)
    with ZipFile(package) as content:
        (folder / "verify.py").write_bytes(content.read("verify.py"))
    checked = subprocess.run(
        [sys.executable, "verify.py", package.name], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
