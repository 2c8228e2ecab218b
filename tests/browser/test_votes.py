"""An owners' vote as those live it who have a part in it: the street's officer from draft to filing, a member of the
committee, an owner of seventy with large type on his phone, a stranger who checks a receipt."""

import re
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from gongzhi.core.days import ZONE
from tests.browser.people import DESKTOP, Office, Person
from tests.browser.people import PHONE as PHONE_WIDTH
from tests.browser.running import Platform
from tests.browser.test_access import faults_of, words_of

pytestmark = pytest.mark.browser

ESTATE, VOTE = "示范水岸", "2030年物业选聘表决"
MOTION, SECOND = "续聘某安物业一年", "设立非机动车充电区"
RUNNING_SECONDS = 150
MODELS = "from gongzhi.governance.votes.models import *; from gongzhi.governance.votes import services as votes; "


def told(platform: Platform, code: str) -> str:
    """What a line of Python prints of the platform's data."""
    answer = re.search(r"^ANSWER (.*)$", platform.manage("shell", "--no-imports", "-c", MODELS + code), re.M)
    return answer.group(1) if answer else ""


def number_of(platform: Platform, title: str, estate: str = "示范花园") -> int:
    wanted = f"Vote.objects.get(title__contains={title!r}, estate__name={estate!r}).pk"
    return int(told(platform, f"print('ANSWER', {wanted})"))


# -- the street's officer


def local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%dT%H:%M}"


def time_passes(platform: Platform, pk: int, **columns: str) -> None:
    """The calendar cannot be moved in a browser: the moments of the vote are."""
    changes = ", ".join(f"{name}={value}" for name, value in columns.items())
    told(platform, f"from django.utils import timezone as z; from datetime import timedelta as d; "
                   f"print('ANSWER', Vote.objects.filter(pk={pk}).update({changes}))")  # fmt: skip


def test_a_street_officer_takes_a_vote_from_draft_to_filing(office: Office, platform: Platform) -> None:
    officer = office.window("jiedao")
    pk = drafts(officer)
    checks_and_puts_on_notice(officer)
    time_passes(
        platform, pk, noticed_on="z.localdate() - d(days=30)", opens_at="z.now() - d(hours=1)",
        closes_at=f"z.now() + d(seconds={RUNNING_SECONDS})",
    )  # fmt: skip
    opens_and_serves(officer, pk)
    takes_ballots_at_the_desk(officer, pk, ("1幢1单元101室", "1幢1单元102室"))
    others_vote(platform, pk)
    closes_and_publishes(officer, platform, pk)
    a_stranger_objects_and_is_answered(office, officer, pk)
    time_passes(platform, pk, objection_until="z.now() - d(seconds=1)")
    stands_and_is_filed(officer, pk)


def drafts(officer: Person) -> int:
    page = officer.go("/biaojue/")
    page.get_by_role("link", name="拟定表决").click()
    opens = datetime.now(ZONE) + timedelta(days=20)
    officer.fill(
        小区=ESTATE, 会议名称=VOTE, 召集人="镇街", 开始投票=local(opens), 截止投票=local(opens + timedelta(days=7)),
        事项类别="选聘和解聘物业服务人", 议题=MOTION, 内容="合同一年，收费标准不变。",
    )  # fmt: skip
    officer.send("拟定表决")
    expect(page.get_by_role("heading", level=1)).to_contain_text(VOTE)
    page.get_by_role("link", name="加一个议题").click()
    officer.fill(事项类别="有关共有和共同管理权利的其他重大事项", 议题=SECOND)
    officer.send("加一个议题")
    officer.sees(SECOND)
    return int(page.url.rstrip("/").rpartition("/")[2])


def checks_and_puts_on_notice(officer: Person) -> None:
    page = officer.page
    page.get_by_role("link", name="锁定名册").click()
    officer.send("锁定名册")
    officer.sees("12套")
    page.get_by_role("link", name="核对", exact=True).click()
    officer.fill(核对意见="同意，名册和议题无误")
    officer.send("核对名册和议题")
    page.get_by_role("link", name="公告", exact=True).click()
    officer.send("公告")
    officer.sees("公告中")


def opens_and_serves(officer: Person, pk: int) -> None:
    page = officer.go(f"/biaojue/{pk}/")
    page.get_by_role("link", name="开始表决").click()
    officer.send("开始表决")
    page.get_by_role("link", name="名册和送达").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="登记选中各户的送达").click()
    officer.fill(送达方式="当面签收", 结果="已送达")
    officer.send("登记送达")
    expect(page.get_by_text("已送达（当面签收）")).to_have_count(12)


def takes_ballots_at_the_desk(officer: Person, pk: int, rooms: tuple[str, ...]) -> None:
    for room in rooms:
        page = officer.go(f"/biaojue/{pk}/")
        page.get_by_role("link", name="现场投票").click()
        officer.fill(**{"房号": room, MOTION: "同意", SECOND: "反对"})
        officer.send("现场投票")
        officer.sees(re.compile("已收票，凭证短码"))


def others_vote(platform: Platform, pk: int) -> None:
    """Eight more, each for his own unit, as their phones would send it."""
    told(
        platform,
        f"v = Vote.objects.get(pk={pk}); "
        "yes = {'m1': 'agree', 'm2': 'agree'}; "
        "[votes.cast(v, given=votes.Given(r.voters[0], [r.code], yes, 'phone', None, r.code))"
        " for r in v.roll.order_by('room')[2:10]]; print('ANSWER', v.ballots.count())",
    )


def closes_and_publishes(officer: Person, platform: Platform, pk: int) -> None:
    left = f"print('ANSWER', int((Vote.objects.get(pk={pk}).closes_at - z.now()).total_seconds()))"
    seconds = int(told(platform, f"from django.utils import timezone as z; {left}"))
    officer.page.wait_for_timeout(max(seconds + 1, 0) * 1000)
    page = officer.go(f"/biaojue/{pk}/")
    page.get_by_role("link", name="截止", exact=True).click()
    officer.send("截止")
    officer.sees("未公示")
    page.get_by_role("link", name="公示结果").click()
    officer.send("公示结果草案")
    page.get_by_role("link", name="公示页").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("草案")
    officer.sees("须达到8人（2/3）")


def a_stranger_objects_and_is_answered(office: Office, officer: Person, pk: int) -> None:
    stranger = office.window(width=PHONE_WIDTH)
    page = stranger.go(f"/biaojue/jieguo/{pk}/")
    page.get_by_role("link", name="提出异议").click()
    stranger.fill(您的房号="1幢1单元101室", 对哪一项="充电区的票请复核。")
    stranger.send("提交异议")
    expect(page.get_by_role("main").get_by_role("alert").first).to_be_visible()
    expect(page.get_by_role("main").get_by_label("对哪一项")).to_have_value("充电区的票请复核。")
    stranger.solve_puzzle()
    stranger.send("提交异议")
    expect(page.get_by_text("待答复").first).to_be_visible()
    page = officer.go(f"/biaojue/{pk}/")
    page.get_by_role("link", name="答复", exact=True).click()
    officer.fill(异议="不成立", 怎样复核="逐张核对，计票无误。")
    officer.send("答复异议")
    officer.sees("不成立：逐张核对，计票无误。")


def stands_and_is_filed(officer: Person, pk: int) -> None:
    page = officer.go(f"/biaojue/{pk}/")
    page.get_by_role("link", name="确定结果").click()
    officer.send("确定结果")
    form = page.request.get(f"/biaojue/{pk}/beianbiao/").body()
    cells = [cell.text for table in Document(BytesIO(form)).tables for row in table.rows for cell in row.cells]
    assert ESTATE in cells and any("10人" in cell for cell in cells)
    sheet = page.request.get(f"/biaojue/{pk}/canyu/").body()
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert [row[5] for row in rows[1:]].count("已参与") == 10
    assert not any(mark in str(rows) for mark in ("同意", "反对"))
    page.get_by_role("link", name="备案", exact=True).click()
    officer.send("备案")
    officer.sees("已备案")


# -- a member of the committee


def test_a_member_of_the_committee_serves_entrusts_and_reads_paper(office: Office, platform: Platform) -> None:
    pk = number_of(platform, "第二次业主大会")
    member = office.window("yeweihui")
    page = member.go("/biaojue/")
    page.get_by_role("link", name="第二次业主大会").click()
    expect(page.get_by_role("link", name="核对", exact=True)).to_have_count(0)
    member.sees("已投人数")
    page.get_by_role("link", name="委托", exact=True).click()
    page.get_by_role("link", name="登记委托").click()
    member.fill(委托人的房号="2幢1单元101室", 代理人身份="亲属", 代理人姓名="柳某", 代理人电话="13800009999")
    member.fill_one("议题1　使用维修资金更换2幢1单元电梯", "没有委托")
    member.fill_one("议题3　南门空地改建充电棚", "委托，反对")
    member.fill(委托书有委托人签名=True)
    member.send("登记委托")
    member.sees("柳*")
    page.get_by_role("link", name="代理投票").first.click()
    expect(page.get_by_text("使用维修资金更换2幢1单元电梯")).to_have_count(0)
    member.go(f"/biaojue/{pk}/weituo/")
    page.get_by_role("button", name=re.compile("^撤销")).first.click()
    member.sees("已撤销")
    page = member.go(f"/biaojue/{pk}/zhizhi/")
    page.get_by_role("row").filter(has_text="待录入").get_by_role("link").first.click()
    expect(page.get_by_role("img", name=re.compile("选票的影像"))).to_be_visible()
    expect(page.get_by_text("使用维修资金更换2幢1单元电梯")).to_have_count(0)  # another entrance decides
    member.fill_one("南门空地改建充电棚", "弃权")
    member.send("录入，看下一页")
    member.sees("还要另一个人录入")


# -- an owner of seventy


def large(person: Person) -> Page:
    person.go("/tousu/").get_by_role("link", name="大字版").click()
    return person.page


def test_an_owner_of_seventy_votes_in_large_type_on_a_phone(office: Office, platform: Platform) -> None:
    pk = number_of(platform, "第二次业主大会")
    member, owner = office.window("yeweihui"), office.window(width=PHONE_WIDTH)
    page = large(owner)
    size = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    for room in ("6幢1单元202室", "6幢1单元301室", "6幢1单元402室", "6幢1单元501室", "6幢1单元602室"):
        address = link_for(member, pk, room)
        owner.go(address)
        assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == size
        tail = re.search(r"后四位是(\d{4})", page.get_by_role("main").inner_text())
        assert tail is not None
        owner.fill(证件号或手机号后四位="0000")
        owner.send("核对")
        owner.sees("还可以试4次")
        owner.fill(证件号或手机号后四位=tail.group(1))
        owner.send("核对")
        owner.sees("您的权数")
        if page.get_by_text("您已经投过").count() == 0:
            break
        expect(page.get_by_role("button", name="下一步：看一遍")).to_have_count(0)
    owner.sees("改投")
    assert faults_of(page, Axe(), PHONE_WIDTH) == []
    expect(page.get_by_text("另有1个议题只由别的楼幢、单元表决")).to_be_visible()
    page.get_by_role("group", name=re.compile("充电棚")).get_by_label("同意").check()
    page.get_by_role("group", name=re.compile("选聘")).get_by_label("某和物业").check()
    owner.send("下一步：看一遍")
    owner.sees("您选的是")
    assert faults_of(page, Axe(), PHONE_WIDTH) == []
    owner.send("没错，提交我的表决票")
    owner.sees("已收到您的表决票")
    expect(page.get_by_role("img", name=re.compile("核验这张票的二维码"))).to_be_visible()
    assert "某和物业" not in page.get_by_role("main").inner_text()
    assert faults_of(page, Axe(), PHONE_WIDTH) == []
    code = page.get_by_role("link", name="核验", exact=True).get_attribute("href") or ""
    stranger = office.window(width=PHONE_WIDTH).go(code)
    expect(stranger.get_by_role("heading", name=re.compile("^相符|^已收到，正在排序号"))).to_be_visible()
    owner.go(address)
    owner.sees("现在按这张算")


def test_an_owner_with_an_account_comes_to_the_ballot_from_the_first_page(office: Office) -> None:
    owner = office.window("yezhu", width=PHONE_WIDTH)
    page = owner.go("/")
    expect(page.get_by_role("heading", name="物业费账单")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("是续筹线$"))).to_be_visible()
    assert faults_of(page, Axe(), PHONE_WIDTH) == []
    owner.send("看我的票")
    tail = re.search(r"后四位是(\d{4})", page.get_by_role("main").inner_text())
    assert tail is not None
    owner.fill(证件号或手机号后四位=tail.group(1))
    owner.send("核对")
    owner.sees("您已经投过")
    expect(page.get_by_text("现在按这张算")).to_be_visible()


def link_for(member: Person, pk: int, room: str) -> str:
    """The one-time link that the committee hands to an owner."""
    page = member.go(f"/biaojue/{pk}/mingce/?building={room.partition('幢')[0]}幢")
    page.get_by_role("row").filter(has_text=room).get_by_role("link", name="发链接").click()
    page.get_by_role("button", name="生成链接").click()
    return page.get_by_text(re.compile(r"^http.*/biaojue/piao/")).inner_text()


# -- a stranger


@pytest.mark.parametrize("script", [True, False])
def test_a_stranger_checks_a_receipt_in_two_steps(office: Office, platform: Platform, script: bool) -> None:
    pk = number_of(platform, "第一次业主大会")
    entry = (
        "from gongzhi.proof import queries as q, receipts as r; "
        f"b = Ballot.objects.filter(vote_id={pk}).select_related('entry__log', 'entry__key').order_by('pk').first(); "
        "print('ANSWER', b.number, r.address(q.receipt(b.entry), page='/hedui/'))"
    )
    number, code = told(platform, entry).split()
    stranger = office.window(script=script, width=PHONE_WIDTH)
    page = stranger.go(code)  # step one: the code on the receipt
    expect(page.get_by_role("heading", name="相符：这一条在日志里")).to_be_visible()  # step two: read
    page = stranger.go("/biaojue/jieguo/")
    stranger.fill(凭证短码=f"{number[:4]}-{number[4:]}".lower())
    stranger.send("查")
    stranger.sees("在册")


# -- a witness


def test_a_witness_makes_a_key_on_his_device_and_signs(office: Office, platform: Platform) -> None:
    pk = number_of(platform, "第二次业主大会")
    witness = office.window()
    page = witness.go(f"/biaojue/cunzheng/{pk}/")
    page.get_by_label("给密钥起个名").fill("3幢业主代表")
    page.get_by_role("button", name="在这台设备上生成密钥").click()
    key = page.get_by_label("见证公钥")
    expect(key).to_have_value(re.compile(r"^3幢业主代表\+[0-9a-f]{8}\+"))
    officer = office.window("jiedao")
    officer.go(f"/biaojue/{pk}/jianzheng/")
    officer.fill(见证人="业主", 名称="3幢业主代表", 见证公钥=key.input_value())
    officer.send("登记见证人")
    officer.sees("待签")
    page.reload()
    page.get_by_role("button", name="签名见证现在这个检查点").click()
    expect(page.get_by_role("row").filter(has_text="3幢业主代表")).to_contain_text(re.compile("见证到最新|之后又有"))


# -- every page


def addresses(platform: Platform) -> list[tuple[str, str]]:
    """(who, address) of every page of votes, paper and bodies that the demonstration fills."""
    found = told(
        platform,
        "from gongzhi.governance.bodies.models import *; from gongzhi.governance.votes.paper.models import PaperSheet; "
        "v = {o.title[5:] + o.estate.name: o for o in Vote.objects.select_related('estate')}; "
        "a, b, c = v['第二次业主大会示范花园'], v['第一次业主大会示范花园'], v['8幢屋面维修专项表决示范花园']; "
        "n, s = v['续聘物业服务企业表决示范水岸'], PaperSheet.objects.exclude(state='counted').first(); "
        "e = v['第一次业主大会示范北苑']; r = a.roll.first().code; "
        "print('ANSWER', a.pk, b.pk, c.pk, n.pk, e.pk, s.pk, r, a.estate_id, "
        "Body.objects.get(estate=e.estate, kind='owners_committee').pk, Formation.objects.get(estate=e.estate).pk, "
        "a.roll.first().unit_id)",
    )
    a, b, c, n, e, s, r, estate, body, formation, unit = found.split()
    staff = [
        "", "niding/", f"{a}/", f"{b}/", f"{c}/", f"{n}/", f"{e}/", f"{a}/mingce/", f"{a}/zhizhi/",
        f"{a}/zhizhi/dayin/", f"{a}/zhizhi/saomiao/", f"zhizhi/{s}/", f"zhizhi/{s}/buluru/",
        f"{a}/weituo/", f"{a}/jianzheng/",
        f"{a}/mingce/{r}/lianjie/", f"{a}/mingce/{r}/gengzheng/", f"{a}/mingce/{r}/zhuanrang/",
        f"{a}/songda/?units={r}", f"guize/{estate}/", f"{n}/ban/kaishi/",
        *(f"{a}/ban/{act}/" for act in ("xianchang", "weituo", "jiezhi", "zhongzhi")),
        *(f"{c}/ban/{act}/" for act in ("gongshi", "shengxiao")),
    ]  # fmt: skip
    public = [
        "jieguo/", f"jieguo/{b}/", f"jieguo/{c}/", f"jieguo/{e}/", f"jieguo/{c}/yiyi/", f"gonggao/{a}/",
        f"gonggao/{n}/", f"gonggao/{n}/yiyi/", f"cunzheng/{a}/", f"cunzheng/{b}/", f"cunzheng/{b}/shuoming/",
        f"jieguo/{b}/?du=silence:follow_majority",
    ]  # fmt: skip
    return [
        *(("jiedao", f"/biaojue/{one}") for one in staff),
        *(("", f"/biaojue/{one}") for one in public),
        *(("jiedao", one) for one in (f"/zuzhi/{body}/", f"/zuzhi/zujian/{formation}/", f"/xiaoqu/fangwu/{unit}/",
                                      f"/xiaoqu/fangwu/{unit}/dengji/")),
    ]  # fmt: skip


def test_every_page_of_votes_is_open_to_everybody(office: Office, platform: Platform) -> None:
    axe, faults = Axe(), []
    windows = {who: office.window(who).page for who in ("jiedao", "")}
    for who, address in addresses(platform):
        page = windows[who]
        answer = page.goto(address)
        assert answer is not None
        if answer.status != 200:
            faults.append(f"{address}: {answer.status}")
            continue
        found = words_of(page)
        for width in (DESKTOP, PHONE_WIDTH):
            found += [f"at {width}: {one}" for one in faults_of(page, axe, width)]
        faults += [f"{address}: {one}" for one in dict.fromkeys(found)]
    assert not faults, "\n" + "\n".join(faults)
