"""The pages: what each role sees, the forms behind the acts, what is refused and kept."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Body, Candidate, Formation, Petition
from gongzhi.governance.bodies.queries.bodies import members_on
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, committee, day, later, moment, owners, representatives
from gongzhi.ledger import services as ledger

pytestmark = pytest.mark.django_db


def at(client, cast, role):
    client.force_login(cast.user(role))
    return client


def text(response, status=200):
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


def send(client, url, **data):
    return client.post(url, {"form_key": f"key-{len(data)}-{abs(hash((url, str(data))))}"[:60], **data})


@pytest.fixture
def cast(db):
    return city("zhangjiagang", "2026-03-16")


def test_the_list_shows_who_has_no_committee_and_the_rate(client, cast):
    committee(cast, cast.estate, term_until="2031-03-15")
    page = text(at(client, cast, "housing").get(reverse("bodies:list")))
    assert "梧桐花园" in page and "没有业委会" in page and "33.3%" in page
    without = text(client.get(reverse("bodies:list") + "?view=without"))
    listed = without[without.index('id="bodies"') :]
    assert "湖畔新村" in listed and "梧桐花园" not in listed


def test_the_body_page_shows_each_rule_kept_or_broken_with_its_clause(client, cast):
    body = committee(cast, cast.estate, members=7, party=3)
    page = text(at(client, cast, "street_office").get(reverse("bodies:body", args=[body.pk])))
    assert "✗ 提示" in page and "新组建业委会党员比例低于50%" in page
    assert "业****" in page and "业主001" not in page
    assert at(client, cast, "owner").get(reverse("bodies:body", args=[body.pk])).status_code == 403


def test_another_street_sees_nothing(client, cast):
    body = committee(cast, cast.estate)
    other = at(client, cast, "street_office@2")
    for name, row in (("body", body), ("estate", cast.estate)):
        refused = other.get(reverse(f"bodies:{name}", args=[row.pk]))
        assert refused.status_code == 403 and "不在您的权限范围内" in refused.content.decode()
        assert other.get(reverse(f"bodies:{name}", args=[10**9])).status_code == 404


def test_every_page_and_form_opens_for_whoever_may(client, cast):
    """A walk over everything that exists: no page breaks, no act leads to a form that cannot be shown."""
    estate, by = cast.estate, {"actor": SYSTEM, "now": cast.now}
    body = committee(cast, estate, members=5, party=3, substitutes=1, term_until="2031-03-15")
    bodies.set_term(body, term_until=day("2026-12-31"), actor=SYSTEM, now=cast.now)
    filing = bodies.submit_filing(body, actor=SYSTEM, now=cast.now)
    bodies.decide_filing(filing, accepted=True, actor=SYSTEM, now=cast.now)
    bodies.register_asset(body, kind="seal", title="业委会印章", from_on=day("2026-03-16"), actor=SYSTEM, now=cast.now)
    member = body.members.filter(seat="full").first()
    petition = bodies.open_petition(
        estate, kind="recall_member", member=member, matter="不履职", opened_on=day("2026-03-16"), **by
    )
    charge = bodies.open_charge(member, text="违规", actor=SYSTEM, now=cast.now)
    bodies.find_charge(charge, verified=True, finding="属实", actor=SYSTEM, now=cast.now)
    decision = bodies.record_decision(
        estate, body=body, title="收益分配", text="平分", decided_on=day("2026-03-16"), actor=SYSTEM, now=cast.now
    )
    bodies.open_correction(decision, kind="revoke", grounds="违反规定", actor=SYSTEM, now=cast.now)
    street = cast.actor("street_office")
    bodies.advise(kind="order", to=body.organisation, body=body, text="请改正", actor=street, now=cast.now)
    bodies.assess(body, year=2026, score=Decimal("88"), final=True, actor=SYSTEM, now=cast.now)
    bodies.adopt_text(
        estate.place, kind="management_covenant", title="管理规约", text="全文", from_on=day("2026-03-16"), **by
    )
    group = bodies.register_body(
        kind="leading_group",
        place=cast.county,
        seats=[SeatInput(side="department", post="head", title="市政府分管领导")],
        formed_on=day("2026-03-16"),
        actor=SYSTEM,
        now=cast.now,
    )
    at(client, cast, "street_office")
    seen, waiting = set(), [
        reverse("bodies:list"),
        reverse("bodies:estate", args=[estate.pk]),
        reverse("bodies:body", args=[body.pk]),
        reverse("bodies:filing", args=[filing.pk]),
        reverse("bodies:petition", args=[petition.pk]),
        reverse("bodies:charge", args=[charge.pk]),
        reverse("bodies:place", args=[cast.street.pk]),
        reverse("registry:estate", args=[estate.pk]),
    ]  # fmt: skip
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        page = text(client.get(url))
        assert "None" not in re.sub(r"<[^>]+>", " ", page), url
        waiting += [
            one for one in re.findall(r'href="(/zuzhi/[^"#?]*)"', page) if one not in seen and "/diqu/" not in one
        ]
    assert len(seen) > 40
    page = text(at(client, cast, "leading_group_office").get(reverse("bodies:body", args=[group.pk])))
    assert "组成检查" in page


def test_a_formation_from_the_form_to_the_committee_and_what_is_refused_keeps_what_was_typed(client, cast):
    estate = cast.estate
    homes = owners(estate, 5)
    at(client, cast, "street_office")

    def act(kind, pk, code, **data):
        return send(client, reverse("bodies:act", args=[kind, pk, code]), **data)

    answer = act("estate", estate.pk, "shenqing", received_on="2026-03-16")
    formation = Formation.objects.get()
    assert answer.status_code == 303 and answer.url == reverse("bodies:formation", args=[formation.pk])
    lines = "\n".join(f"业主代表 委员 代表{n} - - -" for n in range(5))
    refused = act("formation", formation.pk, "xiaozu", seats=lines, formed_on="2026-03-16", version=1)
    assert "指导" in text(refused, 422) and "代表4" in refused.content.decode()
    assert act("formation", formation.pk, "zhidao", step="group", text="到场指导", on="2026-03-16").status_code == 303
    assert act("formation", formation.pk, "xiaozu", seats=lines, formed_on="2026-03-16", version=1).status_code == 303
    for number, home in enumerate(homes, start=1):
        made = act(
            "formation", formation.pk, "renxuan", name=f"业主{number:03d}", unit=home.pk, source="recommended",
            recommended_by="社区", attributes="party_member",
        )  # fmt: skip
        assert made.status_code == 303, made.content.decode()
    for one in Candidate.objects.all():
        assert act("candidate", one.pk, "shenhe", result="passed", version=1).status_code == 303
    formation.refresh_from_db()
    published = act(
        "formation", formation.pk, "gongshi", seats=5, substitutes=0, from_on="2026-03-16", version=formation.version
    )
    assert published.status_code == 303
    notice = text(client.get(reverse("bodies:notice", args=[formation.pk])))
    assert "业主003" in notice
    assert "业主003" in text(at(client, cast, "owner").get(reverse("bodies:notice", args=[formation.pk])))
    at(client, cast, "street_office")
    formation.refresh_from_db()
    early = act(
        "formation", formation.pk, "jieguo", elected="1 90 1000", held_on="2026-03-16", version=formation.version
    )
    assert "期满后才能投票" in text(early, 422)
    held = {"held_on": "2026-04-20", "version": formation.version}
    wrong = act("formation", formation.pk, "jieguo", elected="9 10 100", **held)
    assert "序号" in text(wrong, 422)
    elected = "\n".join(f"{n} {100 - n} 1000.50{' 主任' if n == 1 else ''}" for n in range(1, 6))
    done = act("formation", formation.pk, "jieguo", elected=elected, **held)
    body = Body.objects.get(kind="owners_committee")
    assert done.url == reverse("bodies:body", args=[body.pk])
    assert body.members.get(post="head").votes_area_dm2 == 100_050


def test_an_owner_sees_his_committee_and_no_acts(client, cast):
    committee(cast, cast.estate, term_until="2031-03-15")
    page = at(client, cast, "owner").get(reverse("bodies:mine"), follow=True)
    shown = text(page)
    assert "业主委员会" in shown and "2031年3月15日" in shown and "启动组建" not in shown
    refused = client.get(reverse("bodies:act", args=["estate", cast.estate.pk, "qidong"]))
    assert refused.status_code == 403


def test_petition_page_shows_shares(client, cast):
    homes = owners(cast.estate, 10)
    body = committee(cast, cast.estate, units=homes[:5])
    petition = bodies.open_petition(
        cast.estate, kind="recall_member", member=body.members.first(), matter="不履职", opened_on=day("2026-03-16"),
        actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    bodies.add_signature(
        petition, unit=homes[0], person=PersonInput("业主001"), signed_on=day("2026-03-16"), actor=SYSTEM, now=cast.now
    )
    bodies.add_signature(
        petition, unit=homes[1], person=PersonInput("路人"), signed_on=day("2026-03-16"), actor=SYSTEM, now=cast.now
    )
    bodies.decide_petition(Petition.objects.get(), on=day("2026-03-16"), actor=SYSTEM, now=cast.now)
    page = text(at(client, cast, "street_office").get(reverse("bodies:petition", args=[petition.pk])))
    assert "10.00%" in page and "联名不成立" in page and "不是该房屋当日登记的业主" in page


def test_an_owner_puts_himself_forward_and_somebody_elses_estate_is_closed(client, cast):
    home = owners(cast.estate, 1)[0]
    formation = bodies.take_application(cast.estate, received_on=day("2026-03-16"), actor=SYSTEM, now=cast.now)
    other = bodies.take_application(cast.estate_outside, received_on=day("2026-03-16"), actor=SYSTEM, now=cast.now)
    at(client, cast, "owner")
    url = reverse("bodies:volunteer", args=[formation.pk])
    assert url in text(client.get(reverse("bodies:estate", args=[cast.estate.pk])))
    kept = send(client, url, name="业主001", unit=home.pk, statement="")
    assert "业主001" in text(kept, 422)
    assert send(client, url, name="业主001", unit=home.pk, statement="热心，有时间").status_code == 303
    row = Candidate.objects.get()
    assert (row.source, row.result) == ("self", "")
    assert client.get(reverse("bodies:volunteer", args=[other.pk])).status_code == 404


@pytest.mark.clause("JY-2.1.3-4", "JY-2.5.12-5")
def test_a_community_reads_meetings_decisions_and_accounts_of_its_estates_and_of_no_other(client):
    cast = city("jiangyin", "2024-05-13")
    body, street = committee(cast, cast.estate), cast.actor("street_office")
    bodies.hold_committee_meeting(
        body, held_on=day("2024-05-13"), attended=3, text="同意更换路灯", actor=street, now=cast.now
    )
    bodies.record_decision(
        cast.estate, body=body, title="更换路灯", text="换20盏", decided_on=day("2024-05-13"), actor=SYSTEM,
        now=cast.now,
    )  # fmt: skip
    ledger.open_book(
        subject=cast.estate.ref, purse="common_revenue", opened_on=day("2024-05-13"),
        accounts=[ledger.NewAccount("bank", "银行存款", "asset")], actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    for words in ("请说明账目", "请公布合同"):
        bodies.advise(
            kind="opinion", to=body.organisation, body=body, text=words, actor=cast.actor("community_committee"),
            now=cast.now,
        )  # fmt: skip
    home = text(at(client, cast, "community_committee").get(reverse("bodies:body", args=[body.pk])))
    assert "有2条指导监督意见没有回复" in home and "同意更换路灯" in home
    estate = text(client.get(reverse("bodies:estate", args=[cast.estate.pk])))
    assert "更换路灯" in estate and "公共收益" in estate and "0.00元" in estate
    assert "有2条指导监督意见没有回复" in estate  # where the committee's own way to its bodies leads
    assert f"/zijin/xiaoqu/{cast.estate.pk}/duizhang/common_revenue/" in estate
    assert client.get(reverse("bodies:estate", args=[cast.estate_outside.pk])).status_code == 403
    charge = bodies.open_charge(members_on(body, day("2024-05-13"))[0], text="侵占收益", actor=street, now=cast.now)
    assert at(client, cast, "owner").get(reverse("bodies:charge", args=[charge.pk])).status_code == 403


@pytest.mark.clause("JY-2.5.12-1")
def test_three_of_four_steps_guided_is_not_all_and_all_four_are(client):
    cast = city("jiangyin", "2024-05-08")
    of_the_estate = reverse("bodies:act", args=["estate", cast.estate.pk, "zhidao"])
    assert "环节" not in text(at(client, cast, "street_office").get(of_the_estate)), "nothing is being formed yet"
    formation = bodies.take_application(cast.estate, received_on=day("2024-05-08"), actor=SYSTEM, now=cast.now)
    page = reverse("bodies:formation", args=[formation.pk])

    def guide(step, role):
        bodies.guide(
            cast.estate, formation=formation, step=step, text="意见", on=day("2024-05-08"), actor=cast.actor(role),
            now=cast.now,
        )  # fmt: skip

    for step in ("group", "candidates", "assembly", "notice"):
        guide(step, "street_office")
    for step in ("group", "candidates", "assembly"):
        guide(step, "community_committee")
    at(client, cast, "street_office")
    assert "指导不全3/4" in text(client.get(page))
    at(client, cast, "community_committee")
    given = {"form_key": "a" * 32, "step": "notice", "text": "意见", "on": "2024-05-08"}
    assert "环节" in text(client.get(of_the_estate))
    client.post(of_the_estate, given)
    shown = text(client.get(page))
    assert "已指导" in shown and "指导不全" not in shown, (
        "given on the estate's page it belongs to what is being formed"
    )


@pytest.mark.clause("JJ-A4-2.4-4")
def test_a_committee_without_a_report_in_the_year_is_marked_where_it_is_assessed(client):
    cast = city("jiujiang", "2022-05-05")
    body = committee(cast, cast.estate)
    bodies.assess(body, year=2022, score=80, final=True, actor=SYSTEM, now=moment("2022-11-01"))
    at(client, cast, "street_office")
    ranking = reverse("bodies:ranking") + "?nian=2022"
    for page in (ranking, reverse("bodies:body", args=[body.pk])):
        assert "缺报告" in text(client.get(page))
    bodies.hand_in_report(body, text="全年工作", actor=SYSTEM, now=moment("2022-12-01"))
    assert "缺报告" not in text(client.get(ranking))


@pytest.mark.clause("ZJG-3.3.1-2d", "ZJG-3.3.1-2b")
def test_the_shares_of_party_members_are_a_curve_and_each_kind_of_candidate_has_its_share(client):
    cast = city("zhangjiagang", "2020-03-16")
    homes = owners(cast.estate, 10)
    committee(cast, cast.estate, units=homes, members=10, party=3)
    later(cast, "2025-03-17")
    body = committee(cast, cast.estate, units=homes, members=10, party=4, trigger="renewal")
    at(client, cast, "street_office")
    page = text(client.get(reverse("bodies:body", args=[body.pk])))
    drawn = page.split('<svg class="gz-curve"')[1].split("</svg>")[0]
    assert "第1届30.0%，第2届40.0%" in drawn and drawn.count("<circle") == 2 and drawn.count("<line") == 1
    formation = Formation.objects.filter(body=body).get()
    assert "中共党员4人（40.0%）" in text(client.get(reverse("bodies:formation", args=[formation.pk])))


def test_a_building_that_was_told_as_a_whole_is_ticked_once(client):
    cast = city("jiangyin", "2024-06-03")
    homes = owners(cast.estate, 8)
    body, street = committee(cast, cast.estate, units=homes[:5]), cast.actor("street_office")
    kept = bodies.record_decision(
        cast.estate, body=body, title="平分收益", text="平分", decided_on=day("2024-06-01"), actor=SYSTEM, now=cast.now
    )
    row = bodies.open_correction(kept, kind="revoke", grounds="归全体业主", actor=street, now=cast.now)
    row = bodies.issue_correction(row, actor=street, now=cast.now)
    at(client, cast, "street_office")
    page = reverse("bodies:correction", args=[row.pk])
    assert "8户" in text(client.get(page))
    form = reverse("bodies:act", args=["correction", row.pk, "songda"])
    assert "请勾选这次送达的房屋" in text(send(client, form, way="door", on="2024-06-03", version=row.version), 422)
    whole = {"way": "posted", "on": "2024-06-03", "buildings": homes[0].building.pk}
    assert "没有“9幢001室”" in text(send(client, form, **whole, missed="9幢001室", version=row.version), 422)
    sent = send(client, form, **whole, missed=f"{homes[3]}、 {homes[4]}", version=row.version)
    assert sent.status_code == 303
    assert {one.unit_id for one in row.notices.filter(served_on=None)} == {homes[3].pk, homes[4].pk}
    row.refresh_from_db()
    sent = send(client, form, **whole, version=row.version)
    assert sent.status_code == 303 and row.notices.filter(served_on=None).count() == 0
    assert "全部送达" in text(client.get(page))
    told = text(at(client, cast, "owner").get(reverse("bodies:mine"), follow=True))
    assert "平分收益" in told and "撤销" in told and "归全体业主" in told


@pytest.mark.clause("JJ-4.1.13-1")
def test_the_page_of_the_stewards_names_the_buildings_without_one(client):
    cast = city("jiujiang", "2022-05-05")
    street = cast.actor("street_office")
    stewards = bodies.register_body(
        kind="building_stewards", place=cast.estate.place, estate=cast.estate, formed_on=day("2022-05-05"),
        actor=street, now=cast.now,
    )  # fmt: skip
    first = cast.estate.buildings.order_by("name")[0]
    meeting = representatives(cast, "2022-05-05")
    bodies.fill_seat(
        stewards, given=SeatInput(person=PersonInput("李楼长"), building=first, chosen_at=meeting),
        from_on=day("2022-05-05"), actor=street, now=cast.now,
    )  # fmt: skip
    page = text(at(client, cast, "street_office").get(reverse("bodies:body", args=[stewards.pk])))
    assert "应设2名，在任1名（50.00%），还缺：2幢" in page


def test_an_owner_reads_the_whole_covenant_and_the_street_rules_and_no_other_estates(client, cast):
    street = cast.actor("street_office")
    long = "电动自行车不上楼。" * 40
    form = {"kind": "management_covenant", "title": "管理规约", "from_on": day("2026-03-16"), "actor": street}
    own = bodies.adopt_text(cast.estate.place, text=long, now=cast.now, **form)
    others = bodies.adopt_text(cast.estate_unknown.place, text="别处的", now=cast.now, **form)
    rules = bodies.adopt_text(cast.street, text="镇街制度", now=cast.now, **{**form, "kind": "committee_rules"})
    page = text(at(client, cast, "owner").get(reverse("bodies:mine"), follow=True))
    assert reverse("bodies:text", args=[own.pk]) in page
    assert long in text(client.get(reverse("bodies:text", args=[own.pk])))
    assert "镇街制度" in text(client.get(reverse("bodies:text", args=[rules.pk])))
    assert client.get(reverse("bodies:text", args=[others.pk])).status_code == 403
    assert client.get(reverse("bodies:act", args=["adopted_text", own.pk, "qianshou"])).status_code == 403


@pytest.mark.clause("ZJG-3.3.1-1a")
def test_an_application_before_the_conditions_are_found_met_says_that_no_period_runs_yet(client):
    cast = city("zhangjiagang", "2026-03-16")
    formation = bodies.take_application(cast.estate, received_on=day("2026-03-16"), actor=SYSTEM, now=cast.now)
    page = reverse("bodies:formation", args=[formation.pk])
    shown = text(at(client, cast, "street_office").get(page))
    settle = reverse("bodies:act", args=["estate", cast.estate.pk, "tiaojian"])
    assert "期限没有起算" in shown and settle in shown and "ZJG-3.3.1-1a" in shown
    bodies.meet_conditions(cast.estate, met_on=day("2026-03-16"), actor=SYSTEM, now=cast.now)
    assert "期限没有起算" not in text(client.get(page))
