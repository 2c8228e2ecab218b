"""A check from the fire brigade's paper to the struck-off defect, and a lift from the fault to the public page."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from gongzhi.core.days import ZONE
from tests.browser.people import PHONE, Office, Person, fits

pytestmark = pytest.mark.browser

TITLE = "楼道和通道专项检查"


def test_a_check_goes_from_the_department_to_the_company_and_back_and_a_lift_is_mended(office: Office) -> None:
    paper = the_brigade_issues_a_check(office.window("xiaofang"))
    target = the_company_mends_and_answers(office.window("wuye", width=PHONE), paper)
    the_brigade_strikes_it_off(office.window("xiaofang"), target)
    estate = the_company_reports_a_fault(office.window("wuye", width=PHONE))
    the_maker_of_repairs_comes_and_mends(office.window("weibao"))
    everybody_sees_until_when_the_lifts_hold(office.window(width=PHONE), estate)


def does(person: Person, page: str, title: str, **fields: object) -> None:
    person.go(page)
    person.page.get_by_role("main").get_by_role("link", name=title, exact=True).first.click()
    expect(person.page.get_by_role("heading", level=1)).to_have_text(title)
    person.fill(**fields)
    person.send(title)


def the_brigade_issues_a_check(brigade: Person) -> str:
    page = brigade.go("/shebei/jiancha/")
    page.get_by_role("link", name="下发", exact=True).click()
    page.get_by_label("种类", exact=True).select_option(label="安全检查")
    page.get_by_label("关于什么").select_option(label="消防设施")
    brigade.fill(标题=TITLE, 要求="请自查并整改。")
    page.get_by_label("发现的问题").fill("楼道乱堆积 3号楼楼道堆放纸箱")
    brigade.send("下发")
    brigade.sees("请至少选一个小区")
    page.get_by_label("示范花园", exact=True).check()
    brigade.send("下发")
    brigade.sees("没有反馈")
    return page.url


def the_company_mends_and_answers(company: Person, paper: str) -> str:
    page = company.go(paper)
    page.get_by_role("link", name="示范花园", exact=True).first.click()
    target = page.url
    page.get_by_role("link", name="登记整改", exact=True).click()
    company.fill(整改情况="纸箱已清走。")
    company.send("登记整改")
    company.sees("待复查")
    does(company, target, "反馈落实情况", 落实情况="全部楼道已清。")
    company.sees("已反馈，待核销")
    fits(page)
    return target


def the_brigade_strikes_it_off(brigade: Person, target: str) -> None:
    page = brigade.go(target)
    page.get_by_role("link", name="复查", exact=True).click()
    page.get_by_label("结论").select_option(label="合格，销号")
    brigade.fill(复查情况="现场已清。")
    brigade.send("复查")
    brigade.sees("没有复查照片不能销号")
    page.get_by_label("复查照片").set_input_files(
        {"name": "复查.txt", "mimeType": "text/plain", "buffer": "现场记录".encode()}
    )
    brigade.send("复查")
    brigade.sees("已销号")
    brigade.sees("已核销")


def the_company_reports_a_fault(company: Person) -> str:
    page = company.go("/shebei/")
    page.get_by_role("link", name="故障", exact=True).click()
    page.get_by_role("link", name="报告故障", exact=True).click()
    page.get_by_role("link", name="示范花园", exact=True).click()
    estate = page.url.rstrip("/").rsplit("/", 1)[-1]
    page.get_by_label("什么故障").select_option(label="困人")
    page.get_by_label("哪一台（处）").select_option(label="电梯 示范梯03")
    company.fill(情况="1人被困2层，已安抚。")
    company.send("报告故障")
    company.sees("示范电梯维保有限公司")
    page.get_by_role("link", name="电梯 示范梯03").click()
    company.sees(re.compile("起停止使用"))
    return estate


def the_maker_of_repairs_comes_and_mends(mender: Person) -> None:
    page = mender.go("/shebei/guzhang/?state=open")
    page.get_by_role("link", name=re.compile("示范梯03困人")).click()
    fault = page.url
    does(mender, fault, "登记到场")
    mender.sees("已到场")
    now = f"{datetime.now(ZONE):%Y-%m-%dT%H:%M}"  # noqa: TID251 - the platform runs by the wall clock
    does(mender, fault, "登记修复", 修复时间=now, 处置结果="已放人，更换门锁。")
    mender.sees("已修复")


def everybody_sees_until_when_the_lifts_hold(anybody: Person, estate: str) -> None:
    page = anybody.go(f"/gongshi/{estate}/")
    page.get_by_role("region", name="电梯等设备检验").get_by_role("link", name="全部").click()
    anybody.sees(re.compile("已过期"))
    anybody.sees("示范电梯维保有限公司")
    fits(page)
