"""Notices of a committee: how long they hang, what is kept, and what is stopped because it asks owners not to pay."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import _person
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import BodyNotice, NoticeReport, OwedMeeting
from gongzhi.governance.bodies.queries.notices import barred_words, dismissing, notices_of
from gongzhi.governance.bodies.tests.steps import city, committee, day, duty, later
from gongzhi.governance.bodies.tests.test_pages import at, send, text

pytestmark = pytest.mark.django_db
ASKS = "在选出新公司以前，请各位业主拒 交、缓交物业费。"


@pytest.fixture
def cast(db):
    made = city("zhangjiagang", "2026-03-16")
    made.body = committee(made, made.estate)
    made.speaking = Actor(None, made.body.organisation, "owners_committee", made.estate.place_path, "业委会")
    return made


def show(cast, **more):
    given = {"kind": "other", "title": "小区公告", "text": "周六上午检修电梯。", "until_on": day("2026-03-23"), **more}
    return bodies.show_notice(cast.body, **given, actor=cast.speaking, now=cast.now)


def dismissal(cast):
    OwedMeeting.objects.create(
        estate=cast.estate, reason="dismiss_company", convener="owners_committee", owed_from=day("2026-03-10"),
        place_path=cast.estate.place_path,
    )  # fmt: skip


@pytest.mark.clause("JH-4.9f")
def test_a_notice_hangs_to_its_last_day_and_is_kept_then(cast):
    with pytest.raises(Refused) as refused:
        show(cast, until_on=None)
    assert "until_on" in refused.value.fields
    row = show(cast)
    assert (row.shown_on, row.until_on, row.state) == (day("2026-03-16"), day("2026-03-23"), "shown")
    assert row.on_show(row.until_on) and not row.on_show(row.until_on + timedelta(days=1))
    assert notices_of(cast.estate) == [row] and Event.objects.get(kind="notice.shown").data["notice"] == "other"
    later(cast, "2026-03-24")
    with pytest.raises(Refused):
        bodies.take_down(row, reason="写错了", version=row.version, actor=cast.speaking, now=cast.now)
    owner = cast.actor("owner")
    with pytest.raises(Refused) as refused:
        bodies.report_notice(cast.body, kind="objection", text="不对", notice=row, actor=owner, now=cast.now)
    assert refused.value.code == "notice_over"


@pytest.mark.clause("JH-4.9f")
def test_what_is_taken_down_early_says_why_and_an_objection_is_answered(cast):
    row = show(cast)
    with pytest.raises(Refused):
        bodies.take_down(row, reason=" ", version=row.version, actor=cast.speaking, now=cast.now)
    said = bodies.report_notice(
        cast.body, kind="objection", text="日期写错了", notice=row, actor=cast.actor("owner"), now=cast.now
    )
    bodies.settle_report(
        said, confirmed=True, text="已更正，重新公告", version=said.version, actor=cast.speaking, now=cast.now
    )
    down = bodies.take_down(row, reason="日期有误", version=row.version, actor=cast.speaking, now=cast.now)
    assert (down.state, down.closed_on, down.reason) == ("taken_down", day("2026-03-16"), "日期有误")
    assert Event.objects.get(kind="notice.taken_down").data["early"] is True


@pytest.mark.clause("ZJG-3.2.2-3b")
def test_while_a_company_is_dismissed_a_notice_that_asks_not_to_pay_is_stopped(cast):
    dismissal(cast)
    assert dismissing(cast.estate, day("2026-03-16"))
    with pytest.raises(Refused) as refused:
        show(cast, text=ASKS)
    assert refused.value.clause == "ZJG-3.2.2-3b" and "拒交、缓交" in refused.value.message
    assert not BodyNotice.objects.exists()
    assert show(cast, text="请按时交纳物业费。").state == "shown"


def test_at_other_times_it_is_stopped_by_another_clause(cast):
    assert not dismissing(cast.estate, day("2026-03-16"))
    with pytest.raises(Refused) as refused:
        show(cast, title="暂不交物业费的通知")
    assert refused.value.clause == "ZJG-3.2.2-3a"
    assert barred_words("请拒、交。", ["拒交"]) == ["拒交"] and barred_words("请交费", ["拒交"]) == []


def test_the_street_lets_a_notice_up_that_only_speaks_of_it_and_bars_another(cast):
    held = show(cast, text="任何人不得煽动业主拒交物业费。", ask_street=True)
    assert held.state == "held" and held.basis["words"] == ["拒交"]
    owed = duty("verify_notice")
    assert owed.owner_organisation.role == "street_office"
    later(cast, "2026-03-18")
    street = cast.actor("street_office")
    up = bodies.verify_notice(held, lawful=True, reason="", version=held.version, actor=street, now=cast.now)
    assert (up.state, up.shown_on, up.until_on) == ("shown", day("2026-03-18"), day("2026-03-25"))
    owed.refresh_from_db()
    assert owed.state == "fulfilled"
    other = show(cast, text=ASKS, until_on=day("2026-03-30"), ask_street=True)
    with pytest.raises(Refused):
        bodies.verify_notice(other, lawful=False, reason="", version=other.version, actor=street, now=cast.now)
    barred = bodies.verify_notice(
        other, lawful=False, reason="要求拒交", version=other.version, actor=street, now=cast.now
    )
    assert barred.state == "barred" and Event.objects.filter(kind="notice.barred").count() == 1
    with pytest.raises(Refused):
        bodies.verify_notice(
            other, lawful=True, reason="", version=barred.version, actor=cast.actor("owner"), now=cast.now
        )


@pytest.mark.clause("ZJG-3.2.2-3b")
def test_a_report_goes_to_the_street_and_what_is_true_stands_in_the_committees_file(cast):
    row = show(cast, text="本月起大家先不付钱给公司。")
    said = bodies.report_notice(
        cast.body, kind="withholding", text="公告就是叫大家不交", notice=row, actor=cast.actor("owner"), now=cast.now
    )
    assert duty("verify_withholding").owner_organisation.role == "street_office"
    with pytest.raises(Refused):
        bodies.settle_report(said, confirmed=True, text="是", version=1, actor=cast.speaking, now=cast.now)
    street = cast.actor("street_office")
    done = bodies.settle_report(said, confirmed=True, text="核实属实", version=1, actor=street, now=cast.now)
    assert done.confirmed and done.found_on == day("2026-03-16")
    row.refresh_from_db()
    assert row.state == "taken_down" and "核实" in row.reason
    assert Duty.objects.get(rule="verify_withholding").state == "fulfilled"
    with pytest.raises(Refused):
        bodies.settle_report(done, confirmed=False, text="不是", version=2, actor=street, now=cast.now)


def test_committee_owner_and_street_walk_the_pages(client, cast):
    cast.users.pop("owners_committee", None)
    _person(cast, "owners_committee", "孙小红", organisation=cast.body.organisation)
    speaking = at(client, cast, "owners_committee")
    body = reverse("bodies:body", args=[cast.body.pk])
    put_up = reverse("bodies:act", args=["body", cast.body.pk, "gonggao"])
    assert put_up in text(speaking.get(body))
    given = {"kind": "charges", "title": "物业费", "text": ASKS, "until_on": "2030-01-01"}
    stopped = send(speaking, put_up, **given)
    assert stopped.status_code == 422
    said = stopped.content.decode()
    assert "ZJG-3.2.2-3" in said or "三(二)2(3)" in said
    assert ASKS in said, "what was typed is kept"
    photo = SimpleUploadedFile("gonggao.txt", "公告".encode())
    done = send(speaking, put_up, **{**given, "text": "请按时交纳。\n谢谢。", "file": photo})
    assert done.status_code == 303
    row = BodyNotice.objects.get()
    page = reverse("bodies:shown", args=[row.pk])
    assert "撤下公告" in text(speaking.get(page)) and "公示中" in text(speaking.get(body))

    owner = at(client, cast, "owner")
    home = text(owner.get(reverse("bodies:estate", args=[cast.estate.pk])))
    assert page in home and "举报要求拒交" in home
    assert "请按时交纳。<br>谢谢。" in text(owner.get(page))
    assert send(owner, reverse("bodies:act", args=["body_notice", row.pk, "yiyi"]), text="收费不对").status_code == 303
    assert (
        send(owner, reverse("bodies:act", args=["estate", cast.estate.pk, "jubao"]), text="群里叫停").status_code == 303
    )
    assert "已撤下" not in text(owner.get(page))

    report = NoticeReport.objects.get(kind="withholding")
    street = at(client, cast, "street_office")
    shown = text(street.get(reverse("bodies:report", args=[report.pk])))
    assert "业主" in shown and "答复、核实" in shown
    settle = reverse("bodies:act", args=["notice_report", report.pk, "dafu"])
    assert send(street, settle, confirmed="yes", text="属实", version=1).status_code == 303
    assert "属实" in text(street.get(body))
    assert at(client, cast, "street_office@2").get(page).status_code == 403
