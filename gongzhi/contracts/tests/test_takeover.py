"""Inspection before a company takes over: who signs, the list, defects, refusal, agreement, filing."""

from datetime import date

import pytest

from gongzhi.contracts import queries
from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import Procedure
from gongzhi.contracts.tests.place import at, city, known, listed, opened, refuses, signed, switch, took
from gongzhi.core.models import Document, Event
from gongzhi.duties.models import Duty
from gongzhi.registry.queries import fact

FIVE = ("housing", "property_company", "developer", "street_office", "community_station")


@pytest.fixture
def cast(request, db):
    return city(*request.param)


def in_city(pack, moment):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def owed(rule, field):
    """Of the open duties whose rule begins so, that field."""
    return set(Duty.objects.filter(rule__startswith=rule, closed_at=None).values_list(field, flat=True))


def takeover(cast, by="housing", **more):
    given = {"company": cast.organisations["property_company"], "developer": cast.organisations["developer"], **more}
    return opened(cast, "takeover", by=by, estate=cast.estates["new"], **given)


def groups(row, state="ok"):
    return [(one, f"{one}一", state) for one in row.rules["groups"]]


def taken_over(cast, by="housing"):
    """An inspection that went well, up to the agreement."""
    row = takeover(cast, by=by)
    row = listed(cast, row, *groups(row))
    for step in row.steps:
        signed(cast, row, *row.parties.filter(verdict="").values_list("role", flat=True))
        rule = queries.step_rule(row, step, cast.now.date())
        who = by if by in rule.by else rule.by[0]
        row = took(cast, row, step, by=who, files=rule.papers, where="大门公告栏", note="查验情况", related=False)
        if step == "agree":
            return row
    raise AssertionError(row.steps)


@in_city("jinhua", "2026-05-20")
@pytest.mark.clause("JH-4.5d", "JH-4.5e")
def test_five_sides_sign_an_inspection_that_the_bureau_calls(cast):
    refuses("opened_by", lambda: takeover(cast, by="property_company"))
    row = takeover(cast)
    owed = Duty.objects.filter(rule__startswith="attend_takeover").values_list("owner_organisation__role", flat=True)
    assert set(owed) == set(FIVE) - {"housing"}
    refuses("need_missing", lambda: took(cast, row, "inspect", by="housing"))
    row = listed(cast, row, ("共用部位", "屋面", "ok"), ("共用设施设备", "电梯", "defect"))
    row = took(cast, row, "inspect", by="housing")
    row = took(cast, row, "conclude", by="housing")
    signed(cast, row, *FIVE[:-1])
    row = took(cast, row, "notify", by="housing")
    letter = Document.objects.get(instrument="takeover_notice")
    assert [one.organisation.role for one in letter.recipients.all()] == ["developer"]
    row = took(cast, row, "reinspect", by="housing")
    row = listed(cast, row, ("共用设施设备", "电梯", "fixed"))
    said = refuses("need_missing", lambda: took(cast, row, "agree", by="housing", files=("查验记录",)))
    assert str(cast.organisations["community_station"]) in said.message
    signed(cast, row, "community_station")
    assert took(cast, row, "agree", by="housing", files=("查验记录",)).state == "done"
    assert queries.takeover_of(cast.estates["new"]) == row


@in_city("jinhua", "2026-06-30")
@pytest.mark.clause("JH-4.5a", "JH-4.5b", "JH-4.5c", "JH-4.5d")
def test_delivery_is_accepted_only_when_everything_was_put_right_and_taken_over(cast):
    estate = cast.estates["new"]
    row = opened(cast, "acceptance", by="developer", estate=estate, parties=("housing", "fire_rescue"),
                 developer=cast.organisations["developer"])  # fmt: skip
    opinions = Duty.objects.filter(rule="accept_opinion", subject_id=str(row.pk), state="open")
    assert set(opinions.values_list("owner_role", flat=True)) == {"housing", "fire_rescue"}
    row = listed(cast, row, ("消防", "报警系统", "defect"), by="fire_rescue", defect="rules")
    signed(cast, row, "housing")
    assert [one.owner_organisation for one in opinions.all()] == [cast.organisations["fire_rescue"]]
    refuses("need_missing", lambda: took(cast, row, "opinions", by="developer"))
    signed(cast, row, "fire_rescue", verdict="unfit", opinion="报警系统没有按图施工")
    assert not opinions.exists()
    row = took(cast, row, "opinions", by="developer")
    row = took(cast, row, "order_fix", by="fire_rescue", note="报警系统", until=date(2026, 6, 30))
    assert "消防" in refuses("need_missing", lambda: took(cast, row, "pass", by="housing")).message
    item = row.items.get()
    assert not item.overdue(date(2026, 6, 30)) and item.overdue(date(2026, 7, 1))
    refuses("need_missing", lambda: took(cast, row, "penalise", by="fire_rescue", note="立案"))
    later = at(cast, "2026-07-01")
    row = took(later, row, "penalise", by="fire_rescue", note="立案〔2026〕1号")
    row = took(later, row, "recheck", by="fire_rescue", note="已整改")
    row = listed(later, row, ("消防", "报警系统", "fixed"), by="fire_rescue")
    signed(later, row, "fire_rescue")
    assert "承接查验" in refuses("need_missing", lambda: took(later, row, "pass", by="housing")).message
    taken_over(later)
    assert took(later, row, "pass", by="housing").state == "done"


@in_city("jinhua", "2026-06-30")
@pytest.mark.clause("JH-4.5c")
def test_where_the_city_only_warns_the_acceptance_need_not_wait(cast):
    switch(cast, "jinhua", "takeover_blocks_acceptance", "no")
    row = opened(cast, "acceptance", by="housing", estate=cast.estates["new"], parties=("housing",))
    signed(cast, row, "housing")
    row = took(cast, row, "opinions", by="housing")
    assert took(cast, row, "pass", by="housing").state == "done"


@in_city("jinhua", "2026-06-30")
@pytest.mark.clause("JH-4.5f")
def test_a_company_advises_while_the_estate_is_built_and_the_developer_answers(cast):
    estate = cast.estates["new"]
    row = takeover(cast)
    for stage in ("design", "construction", "household", "completion"):
        said = contracts.make_remark(
            estate, kind="advice", stage=stage, text="增设快递柜", procedure=row,
            actor=cast.actor("property_company"), now=cast.now,
        )  # fmt: skip
    assert said.asked_of == cast.organisations["developer"]
    done = contracts.answer_remark(said, answer="已采纳", adopted=True, actor=cast.actor("developer"), now=cast.now)
    assert done.adopted and Event.objects.filter(kind="remark.made").count() == 4


@in_city("meixian", "2023-06-01")
@pytest.mark.clause("MX-3.4.3-1", "MX-3.4.3-2")
def test_somebody_answers_for_the_inspection_before_it_is_called(cast):
    estate = cast.estates["new"]
    assert estate in queries.unnamed(cast.actor("housing"), cast.now.date())
    said = refuses("check_failed", lambda: takeover(cast, by="developer"))
    assert "MX-3.4.3-1" in said.clauses
    known(cast, estate, takeover_responsible="镇物管办")
    assert estate not in queries.unnamed(cast.actor("housing"), cast.now.date())
    row = takeover(cast, by="developer")
    row = listed(cast, row, *groups(row), by="developer")
    row = took(cast, row, "inspect", by="developer")
    signed(cast, row, "developer", "property_company")
    refuses("need_missing", lambda: took(cast, row, "conclude", by="developer"))
    signed(cast, row, "street_office")
    assert took(cast, row, "conclude", by="developer").state == "running"


def inspected(cast):
    """120 things, one lift too few."""
    known(cast, cast.estates["new"], takeover_responsible="镇物管办")
    row = takeover(cast, by="developer")
    lines = [contracts.Line("共有部分", f"部位{one}", state="ok") for one in range(117)]
    lines += [
        contracts.Line("共用设施设备", "电梯", expected=6, found=5, state="defect", defect="quantity"),
        contracts.Line("共用设施设备", "水泵", state="defect", defect="papers"),
        contracts.Line("共用设施设备", "门禁", state="defect", defect="quality"),
    ]
    row = contracts.mark(row, lines=lines, actor=cast.actor("property_company"), now=cast.now)
    row = took(cast, row, "inspect", by="property_company")
    signed(cast, row, "developer", "property_company", "street_office")
    return took(cast, row, "conclude", by="property_company")


@in_city("meixian", "2023-06-06")
@pytest.mark.clause("MX-3.4.3-3", "MX-3.4.3-4", "MX-3.4.3-5")
def test_defects_are_told_in_writing_put_right_and_all_of_them_before_the_company_takes_over(cast):
    row = inspected(cast)
    owed = Duty.objects.get(rule="show_takeover")
    assert owed.due_at.astimezone(cast.now.tzinfo).date() == date(2023, 6, 7)
    row = took(cast, row, "publish", by="developer", where="小区公示栏")
    owed.refresh_from_db()
    assert owed.closed_at is not None and queries.counts(row) == {"all": 120, "settled": 117, "defects": 3}
    line = contracts.Line("共用设施设备", "电梯", expected=6, found=5, state="ok")
    refuses(
        "count_short", lambda: contracts.mark(row, lines=[line], actor=cast.actor("property_company"), now=cast.now)
    )
    refuses("need_missing", lambda: took(cast, row, "reinspect", by="property_company"))
    refuses("not_notified", lambda: listed(cast, row, ("共用设施设备", "水泵", "ok")))
    row = took(cast, row, "notify", by="property_company")
    assert (
        row.fix_on == date(2023, 7, 6)
        and len(Document.objects.get(instrument="takeover_notice").data["attachments"]) == 3
    )
    agreement = Document.objects.get(instrument="takeover_agreement")
    assert len(agreement.data["items"]) == 120 and "合格（含转责任人）117项" in agreement.data["paragraphs"][0]
    assert [one["signed"] != "" for one in agreement.data["signatures"]] == [True] * 3
    notice = Document.objects.get(instrument="takeover_notice").data
    assert "2023年7月6日" in notice["paragraphs"][1]
    assert "应有6，实有5" in "".join(notice["attachments"]) and "实有0" not in "".join(notice["attachments"])
    assert "《" in notice["basis"] and "》" in notice["basis"] and notice["basis"].endswith("三(四)3")
    later = at(cast, "2023-07-05")
    row = took(later, row, "reinspect", by="property_company")
    row = listed(later, row, ("共用设施设备", "水泵", "fixed"), ("共用设施设备", "门禁", "fixed"))
    agree = {"by": "property_company", "files": ("交接验收协议",)}
    assert "电梯" in refuses("need_missing", lambda: took(later, row, "agree", **agree)).message
    assert Document.objects.filter(instrument="takeover_agreement").count() == 1
    row = listed(later, row, ("共用设施设备", "电梯", "fixed"), expected=6, found=6)
    drawn_anew = Document.objects.filter(instrument="takeover_agreement").latest("pk")
    assert drawn_anew != agreement and "合格（含转责任人）120项" in drawn_anew.data["paragraphs"][0]
    assert took(later, row, "agree", **agree).state == "running"


@in_city("meixian", "2023-01-20")
@pytest.mark.clause("MX-3.4.3-6", "MX-3.4.2-1", "MX-3.4.3-2")
def test_papers_are_filed_within_thirty_days_and_nothing_is_delivered_without_both_numbers(cast):
    estate = cast.estates["new"]
    known(cast, estate, takeover_responsible="镇物管办")
    row = taken_over(at(cast, "2023-01-31"), by="property_company")
    owed = Duty.objects.get(rule="file_takeover")
    assert owed.due_at.astimezone(cast.now.tzinfo).date() == date(2023, 3, 3)  # 3月2日24:00
    row = took(at(cast, "2023-03-02"), row, "report", by="property_company", files=("承接查验资料",))
    owed.refresh_from_db()
    assert row.state == "done" and owed.state == "fulfilled"
    later = at(cast, "2023-05-12")
    gate = opened(later, "acceptance", by="developer", estate=estate, parties=("housing",))
    refuses("step_order", lambda: took(later, gate, "deliver", by="developer", reference="JF-1"))
    signed(later, gate, "housing")
    gate = took(later, gate, "pass", by="housing", on=date(2023, 5, 10))
    refuses("need_missing", lambda: took(later, gate, "deliver", by="administrative_approval"))
    early = {"reference": "JF-1", "on": date(2023, 5, 9)}
    refuses("step_day", lambda: took(later, gate, "deliver", by="administrative_approval", **early))
    assert took(later, gate, "deliver", by="administrative_approval", reference="JF-1").state == "done"
    assert fact(estate.ref, "delivered_on", later.now.date()) == later.now.date()


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.2.1-1", "ZJG-3.2.1-3a")
def test_a_related_company_needs_a_third_party_and_the_offices_are_told(cast):
    """ZJG-HC-14."""
    company = cast.organisations["property_company"]
    row = takeover(cast, by="property_company")
    assert owed("watch_takeover", "owner_organisation__role") == {
        "street_office", "housing"}  # fmt: skip
    assert row in queries.without_opinion(queries.procedures_for(cast.actor("housing")))
    signed(cast, row, "street_office", "housing")
    assert row not in queries.without_opinion(queries.procedures_for(cast.actor("housing")))
    row = listed(cast, row, *groups(row))
    row = took(cast, row, "inspect", by="property_company")
    signed(cast, row, "developer", "property_company")

    def conclude(**more):
        return took(cast, row, "conclude", by="property_company", **more)

    assert "ZJG-3.2.1-3a" in refuses("need_missing", conclude).clauses
    refuses("check_failed", lambda: conclude(related=True))
    known(cast, company, controller="云栖集团")
    known(cast, cast.organisations["developer"], controller="云栖集团")
    said = refuses("check_failed", lambda: conclude(related=False))
    assert "同一控股股东" in said.message and "ZJG-3.2.1-3a" in said.clauses
    done = conclude(related=True, third_party="中正评估公司", files=("第三方查验报告",))
    assert done.state == "running" and not Duty.objects.filter(rule="check_counter_proof").exists()
    stated = queries.done_steps(done)["conclude"].stated
    assert stated == ["与建设单位有关联关系", "第三方：中正评估公司"]


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.2.1-3a")
def test_a_proof_against_the_files_is_looked_at_again_by_the_bureau(cast):
    row = takeover(cast, by="property_company")
    row = listed(cast, row, *groups(row))
    row = took(cast, row, "inspect", by="property_company")
    signed(cast, row, "developer", "property_company")
    for key in ("property_company", "developer"):
        known(cast, cast.organisations[key], controller="云栖集团")
    took(cast, row, "conclude", by="property_company", related=False, files=("没有关联的证明",))
    owed_by = Duty.objects.get(rule="check_counter_proof").owner_organisation
    assert owed_by == cast.organisations["housing"]


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.2.1-2a", "ZJG-3.2.1-2b")
def test_the_agreement_brings_two_duties_and_the_task_ends_with_both(cast):
    """ZJG-HC-14."""
    row = takeover(cast, by="property_company")
    early = {"by": "property_company", "files": ("承接查验文件",)}
    refuses("step_order", lambda: took(cast, row, "report", **early))
    Procedure.objects.filter(pk=row.pk).update(state="stopped", closed_at=cast.now)
    row = taken_over(cast, by="property_company")
    assert owed("", "rule") & {"report_takeover", "show_takeover", "rule_refusal"} == {
        "report_takeover", "show_takeover"}  # fmt: skip
    shown = {"by": "property_company", "where": "大门公告栏", "note": "查验合格"}
    refuses("papers_missing", lambda: took(cast, row, "publish", **shown))
    row = took(cast, row, "publish", files=("现场照片",), **shown)
    refuses("papers_missing", lambda: took(cast, row, "report", by="property_company"))
    assert row.state == "running"
    assert took(cast, row, "report", **early).state == "done"


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.2.1-3b", "ZJG-3.2.1-3c")
def test_refusing_what_is_not_in_order_is_lawful_and_refusing_what_is_needs_reasons(cast):
    """ZJG-HC-14."""
    company = cast.organisations["property_company"]
    row = takeover(cast, by="property_company")
    row = listed(cast, row, ("共用部位", "屋面", "defect"), ("共用设施设备", "电梯", "ok"))
    row = took(cast, row, "inspect", by="property_company")
    row = took(cast, row, "refuse", by="property_company", reason="defects")
    assert row.given["refusal"]["lawful"] and not Duty.objects.filter(rule="rule_refusal").exists()
    fit = Duty.objects.get(rule="make_fit_for_takeover")
    assert fit.owner_organisation == cast.organisations["developer"] and fit.closed_at is None
    row = took(cast, row, "notify", by="property_company")
    mend = Duty.objects.get(rule="put_right_takeover")
    assert mend.owner_organisation == cast.organisations["developer"]
    assert mend.due_at.astimezone(cast.now.tzinfo).date() == date(2026, 4, 2), "to the end of 1 April"
    row = took(cast, row, "reinspect", by="property_company")
    for one in (fit, mend):
        one.refresh_from_db()
        assert one.closed_at is not None
    row = listed(cast, row, ("共用部位", "屋面", "fixed"))
    refuses("check_failed", lambda: took(cast, row, "refuse", by="property_company", reason="other"))
    row = took(cast, row, "refuse", by="property_company", reason="other", note="利润低", files=("测算",))
    assert not row.given["refusal"]["lawful"]
    assert Duty.objects.get(rule="rule_refusal").owner_organisation == cast.organisations["street_office"]
    row = took(cast, row, "rule", by="housing", agreed=False, note="利润低不是正当理由")
    assert row.given["refusal"]["ruled"] is False
    from gongzhi.registry.queries import fact

    assert "利润低" in fact(company.ref, "refused_takeover", cast.now.date())


@in_city("zhangjiagang", "2026-03-02")
@pytest.mark.clause("ZJG-3.2.1-3b")
def test_a_company_may_take_over_with_defects_only_by_confirming_them(cast):
    row = takeover(cast, by="property_company")
    row = listed(cast, row, ("共用部位", "屋面", "defect"), ("共用设施设备", "电梯", "ok"))
    row = took(cast, row, "inspect", by="property_company")
    signed(cast, row, "developer", "property_company")
    row = took(cast, row, "conclude", by="property_company", related=False)
    agree = {"by": "property_company", "files": ("交接验收协议",)}
    refuses("check_failed", lambda: took(cast, row, "agree", **agree))
    company = cast.actor("property_company")
    assert "refuse" in queries.steps_open(row, company, cast.now.date())
    row = took(cast, row, "agree", note="已确认：屋面渗漏，建设单位90日内修复", **agree)
    assert "agree" in queries.done_steps(row)
    assert "refuse" not in queries.steps_open(row, company, cast.now.date())


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-3.1.4-6", "JJ-3.2.6-0", "JJ-3.2.6-1", "JJ-3.2.6-4")
def test_every_department_speaks_and_the_community_signs_before_an_estate_is_handed_over(cast):
    estate = cast.estates["new"]
    row = takeover(cast, by="property_company")
    assert "community_station" in row.rules["parties"] and Duty.objects.filter(rule="attend_takeover").exists()
    row = listed(cast, row, *groups(row))
    row = took(cast, row, "inspect", by="property_company")
    signed(cast, row, "developer", "property_company")
    refuses("need_missing", lambda: took(cast, row, "conclude", by="property_company"))
    gate = opened(cast, "acceptance", by="housing", estate=estate)
    roles = list(gate.parties.values_list("role", flat=True))
    assert "health" in roles and "education" in roles
    asked = Duty.objects.filter(rule="accept_opinion", state="open").values_list("owner_role", flat=True)
    assert sorted(asked) == sorted(roles)
    signed(cast, gate, *roles[:-1])
    refuses("need_missing", lambda: took(cast, gate, "opinions", by="housing"))
    signed(cast, gate, roles[-1], verdict="unfit", opinion="建筑面积未达标")
    gate = took(cast, gate, "opinions", by="housing")
    took(cast, gate, "order_fix", by="housing", note="建筑面积未达标")
    letter = Document.objects.get(instrument="acceptance_order")
    assert letter.recipients.get().organisation == cast.organisations["developer"]
    assert letter.issuer == cast.organisations["housing"] and "建筑面积未达标" in str(letter.data)
    assert "不符合" in refuses("need_missing", lambda: took(cast, gate, "pass", by="housing")).message
    signed(cast, gate, roles[-1])
    assert "承接查验" in refuses("need_missing", lambda: took(cast, gate, "pass", by="housing")).message
    signed(cast, row, "community_station")
    row = took(cast, row, "conclude", by="property_company")
    took(cast, row, "agree", by="property_company", files=("交接验收协议",))
    gate = took(cast, gate, "pass", by="housing")
    assert took(cast, gate, "transfer", by="housing").state == "done"


@in_city("jiujiang", "2022-05-05")
@pytest.mark.clause("JJ-3.2.6-2", "JJ-3.2.6-3")
def test_state_assets_go_to_the_state_and_common_ones_to_the_owners(cast):
    estate = cast.estates["new"]
    given = {"asset_name": "社区用房", "estate": estate, "developer": cast.organisations["developer"]}
    row = opened(cast, "asset_transfer", by="housing", asset="state", parties=("state_assets", "education"), **given)
    assert row.rules["lead"] == "state_assets"
    assert Duty.objects.get(rule="lead_asset_transfer").owner_organisation == cast.organisations["state_assets"]
    row = took(cast, row, "inspect", by="state_assets")
    signed(cast, row, "state_assets")
    go = {"by": "state_assets", "files": ("移交清单",)}
    refuses("need_missing", lambda: took(cast, row, "transfer", **go))
    signed(cast, row, "education")
    assert took(cast, row, "transfer", **go).state == "done"
    common = opened(cast, "asset_transfer", by="housing", asset="owners", **given)
    assert Duty.objects.get(rule="watch_asset_transfer").owner_organisation == cast.organisations["housing"]
    assert common.rules["lead"] == "housing"
