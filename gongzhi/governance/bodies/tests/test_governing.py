"""A committee in office: filing, changes, its term and the freeze, hand-over, petitions, meetings, corrections."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.models import Post
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Formation, HandOver, OwedMeeting
from gongzhi.governance.bodies.queries.bodies import members_on, unanswered
from gongzhi.governance.bodies.queries.composition import composition_facts
from gongzhi.governance.bodies.queries.powers import power_state
from gongzhi.governance.bodies.services import PersonInput
from gongzhi.governance.bodies.services.bringing import bring_in_committee
from gongzhi.governance.bodies.services.filing import copies_missing
from gongzhi.governance.bodies.tests.steps import (
    SYSTEM,
    city,
    committee,
    day,
    due_on,
    duty,
    fill_up,
    later,
    moment,
    owner_name,
    owners,
    seats,
)
from gongzhi.governance.electors import electors_on
from gongzhi.registry import services as registry

pytestmark = pytest.mark.django_db


def paper(name="报告.txt"):
    return SimpleUploadedFile(name, "书面报告".encode())


@pytest.mark.clause("ZJG-3.3.2-1a", "MX-3.2.1-4")
def test_filing_gives_a_number_and_copies_and_waits_for_those_that_could_not_be_reached():
    cast = city("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate)
    assert due_on(duty("file_committee")) == day("2026-04-15")
    filing = bodies.submit_filing(body, actor=SYSTEM, now=cast.now)
    street = cast.actor("street_office")
    with pytest.raises(Refused) as refused:
        bodies.decide_filing(filing, accepted=False, actor=street, now=cast.now)
    assert "opinion" in refused.value.fields
    cast.organisation("community_committee").__class__.objects.filter(role="community_committee").update(active=False)
    filing = bodies.decide_filing(filing, accepted=True, actor=street, now=cast.now)
    assert filing.number == filing.document.number and "〔2026〕1号" in filing.number
    assert copies_missing(filing) == ["community_committee"]
    cast.organisation("community_committee").__class__.objects.filter(role="community_committee").update(active=True)
    bodies.send_missing_copies(filing, actor=street, now=cast.now)
    assert copies_missing(filing) == []
    assert all(one.served_at for one in filing.document.recipients.all())
    assert duty("file_committee").state == "fulfilled"


@pytest.mark.clause("MX-3.2.1-4", "MX-3.5.4-3")
def test_the_bureau_files_and_the_party_group_must_be_told():
    cast = city("meixian", "2023-09-01")
    body = committee(cast, cast.estate)
    with pytest.raises(Refused) as refused:
        bodies.submit_filing(body, actor=SYSTEM, now=cast.now)
    assert refused.value.clause == "MX-3.5.4-3"
    with pytest.raises(Refused):
        bodies.submit_filing(body, party_group="established", actor=SYSTEM, now=cast.now)
    filing = bodies.submit_filing(
        body, party_group="established", party_group_on=day("2023-08-01"), actor=SYSTEM, now=cast.now
    )
    assert filing.desk == cast.organisation("housing")
    with pytest.raises(Refused) as refused:
        bodies.decide_filing(filing, accepted=True, actor=cast.actor("street_office"), now=cast.now)
    assert refused.value.code == "not_the_desk"
    bodies.decide_filing(filing, accepted=True, actor=cast.actor("housing"), now=cast.now)
    assert registry.fact(cast.estate.ref, "has_party_group", day("2023-09-01")) is True


@pytest.mark.clause("ZJG-3.3.2-1b")
def test_seal_account_and_change_are_each_reported_within_thirty_days():
    cast = city("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate)
    later(cast, "2026-04-08")
    with pytest.raises(Refused) as refused:
        bodies.register_asset(
            body, kind="account", title="物业公司", bank="工商银行", number="6222 0000 1234", from_on=day("2026-04-08"),
            actor=SYSTEM, now=cast.now,
        )  # fmt: skip
    assert refused.value.code == "account_name"
    account = bodies.register_asset(
        body, kind="account", title="梧桐花园业主委员会", bank="工商银行", number="6222 0000 1234",
        from_on=day("2026-04-08"), actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    bodies.register_asset(body, kind="seal", title="印章", from_on=day("2026-04-08"), actor=SYSTEM, now=cast.now)
    bodies.note_change(
        body, kind="filed_matter", what="主任变更", happened_on=day("2026-04-08"), actor=SYSTEM, now=cast.now
    )
    assert account.tail == "1234"
    owed = list(Duty.objects.filter(rule="report_change").order_by("pk"))
    assert [due_on(one) for one in owed] == [day("2026-05-08")] * 3
    rows = list(body.changes.order_by("pk"))
    bodies.report_change(rows[0], file=paper(), actor=SYSTEM, now=moment("2026-05-08", 20))
    duties.tick(moment("2026-05-09"))
    bodies.report_change(rows[1], file=paper(), actor=SYSTEM, now=moment("2026-05-09"))
    assert [one.state for one in Duty.objects.filter(rule="report_change").order_by("pk")] == [
        "fulfilled", "fulfilled_late", "overdue",
    ]  # fmt: skip


@pytest.mark.clause("ZJG-3.3.2-4a", "ZJG-3.3.2-4b")
def test_ninety_days_before_the_end_it_has_to_be_told_and_the_renewal_starts_told_or_untold():
    cast = city("zhangjiagang", "2022-03-16")
    told = committee(cast, cast.estate, term_until="2026-12-31")
    untold = committee(cast, cast.estate_unknown, units=owners(cast.estate_unknown, 5), term_until="2026-12-31")
    assert bodies.watch(moment("2026-10-01", 23))["ending"] == 0
    assert bodies.watch(moment("2026-10-02", 0))["ending"] == 2
    assert bodies.watch(moment("2026-10-02", 1))["ending"] == 0
    assert {due_on(one) for one in Duty.objects.filter(rule="tell_term_end")} == {day("2026-12-31")}
    bodies.notify_term_end(told, told_on=day("2026-12-31"), actor=SYSTEM, now=moment("2026-12-31", 20))
    renewal = Formation.objects.get(estate=cast.estate, state="open")
    assert (renewal.trigger, renewal.previous) == ("renewal", told)
    assert due_on(duty("form_renewal_group", estate=cast.estate)) == day("2027-03-01")
    duties.tick(moment("2027-01-01"))
    assert bodies.watch(moment("2027-01-01"))["over"] == 2
    late = Duty.objects.get(rule="tell_term_end", subject_id=str(untold.pk))
    assert late.state == "overdue"
    assert Formation.objects.get(estate=cast.estate_unknown, state="open").trigger == "renewal"
    assert Formation.objects.filter(estate=cast.estate, state="open").count() == 1


@pytest.mark.clause("MX-3.1.2-4", "JJ-3.1.3-2")
@pytest.mark.parametrize(
    ("slug", "until", "before", "first"),
    [("meixian", "2024-12-31", "2024-10-31", "2024-11-01"), ("jiujiang", "2024-12-31", "2024-09-29", "2024-09-30")],
)
def test_the_street_is_warned_on_the_very_day(slug, until, before, first):
    cast = city(slug, "2022-05-05")
    committee(cast, cast.estate, term_until=until)
    assert bodies.watch(moment(before, 23))["ending"] == 0
    assert bodies.watch(moment(first, 0))["ending"] == 1
    rule = {"meixian": "arrange_renewal", "jiujiang": "renew_committee"}[slug]
    assert duty(rule).owner_role == "street_office"


@pytest.mark.clause("ZJG-3.3.2-4c", "ZJG-3.3.2-4d")
def test_while_a_renewal_runs_the_committee_may_not_put_hiring_to_the_owners_and_then_hands_over():
    cast = city("zhangjiagang", "2022-03-16")
    estate, street = cast.estate, cast.actor("street_office")
    old = committee(cast, estate, term_until="2026-12-31")
    seal = {"kind": "seal", "title": "老业委会印章", "from_on": day("2022-03-16"), "actor": SYSTEM, "now": cast.now}
    bodies.register_asset(old, **seal)
    account = cast.user("owner")
    core.begin_post(account, organisation=old.organisation, begins_on=day("2022-03-16"), actor=SYSTEM, now=cast.now)

    def may(on, matter="hire_company", convener="owners_committee"):
        return power_state(estate, matter=matter, convener=convener, now=moment(on)).open

    later(cast, "2026-11-20")
    street = cast.actor("street_office")
    bodies.notify_term_end(old, told_on=day("2026-11-20"), actor=SYSTEM, now=cast.now)
    renewal = Formation.objects.get(estate=estate, state="open")
    bodies.guide(estate, formation=renewal, step="group", text="指导", on=day("2026-11-20"), actor=street, now=cast.now)
    bodies.form_group(renewal, seats=seats(5), formed_on=day("2026-11-20"), actor=street, now=cast.now)
    assert may("2026-11-19") and not may("2026-11-20") and not may("2027-01-24")
    assert may("2026-12-15", matter="use_fund")
    assert may("2026-12-20", convener="community_committee")
    with pytest.raises(Refused) as refused:
        bodies.require_power(estate, matter="hire_company", convener="owners_committee", now=moment("2026-12-01"))
    assert refused.value.clause == "ZJG-3.3.2-4c"
    later(cast, "2027-01-25")
    street = cast.actor("street_office")
    from gongzhi.governance.bodies.tests.steps import nominated, passed

    rows = passed(cast, nominated(cast, renewal, [one.unit for one in members_on(old, day("2026-12-31"))]))
    new = bodies.take_election(
        renewal, elected=[bodies.Winner(one.pk) for one in rows], held_on=day("2027-01-25"), actor=street, now=cast.now
    )
    assert may("2027-01-25") and not may("2027-01-24")
    old.refresh_from_db()
    assert (old.state, old.ended_on, new.term) == ("ended", day("2027-01-25"), 2)
    assert Post.objects.get(organisation=old.organisation, user=account).ends_on == day("2027-01-24")
    assert new.organisation == old.organisation and new.organisation.active
    filing = bodies.submit_filing(new, explanation="", actor=SYSTEM, now=cast.now) if not _falls(new) else None
    filing = filing or bodies.submit_filing(new, explanation="党员比例下降的原因", actor=SYSTEM, now=cast.now)
    bodies.decide_filing(filing, accepted=True, actor=street, now=cast.now)
    handover = old.handovers.get()
    assert due_on(duty("hand_over_committee")) == day("2027-02-04")
    _hand_over(cast, handover)


def _falls(body):
    return composition_facts(body, body.formed_on).get("party_share_falls")


def _hand_over(cast, handover):
    """Four parties sign; a refusal stays on record and keeps it open; late, police and street are alarmed."""
    street, police, now = cast.actor("street_office"), cast.actor("police"), cast.now
    assert {one.party for one in handover.signatures.all()} == {"old", "new", "street_office", "police"}
    with pytest.raises(Refused, match="登记原因"):
        bodies.sign_handover(handover, party="old", signer="原主任", actor=street, now=now)
    bodies.refuse_handover(handover, party="old", reason="账目有争议", actor=street, now=now)
    duties.tick(moment("2027-02-05"))
    alarm = core.documents_of(duty("hand_over_committee").subject)[0]
    assert {one.organisation.role for one in alarm.recipients.all()} == {"street_office", "police"}
    later(cast, "2027-02-05")
    street, police, now = cast.actor("street_office"), cast.actor("police"), cast.now
    lost, *items = [one.pk for one in handover.items.order_by("-pk")]
    bodies.give_items(handover, items=items, on=day("2027-02-05"), actor=street, now=now)
    bodies.lack_items(handover, items=[lost], reason="已遗失并报案", actor=street, now=now)
    with pytest.raises(Refused) as refused:
        bodies.sign_handover(handover, party="police", signer="雷刚", actor=street, now=now)
    assert refused.value.status == 403
    for party in ("old", "new", "street_office"):
        bodies.sign_handover(handover, party=party, signer="某", actor=street, now=now)
    with pytest.raises(Refused) as refused:
        bodies.add_item(handover, title="后来想起的", actor=street, now=now)
    assert refused.value.code == "list_signed"
    assert not HandOver.objects.filter(completed_at__isnull=False).exists()
    bodies.sign_handover(handover, party="police", signer="雷刚", actor=police, now=now)
    handover.refresh_from_db()
    lines = [(one["name"], one["found"], one["state"]) for one in handover.document.data["items"]]
    assert handover.completed_at is not None and lines[0] == ("老业委会印章", "1", "2027年2月5日移交")
    assert lines[-1][1:] == ("无", "没有移交：已遗失并报案")
    assert [one["signed"][:2] for one in handover.document.data["signatures"]] == ["某　"] * 3 + ["雷刚"]
    assert duty("hand_over_committee").state == "fulfilled_late"


@pytest.mark.clause("ZJG-3.3.2-3c")
@pytest.mark.parametrize(
    ("signed", "area", "state"),
    [(2, "100.00", "met"), (1, "100.00", "not_met"), (2, "99.99", "not_met")],
)
def test_twenty_percent_of_area_and_of_heads(signed, area, state):
    """Ten owners: nine of 100.00 and one more of so much that two of 100.00 are exactly, or just not, a fifth."""
    cast = city("zhangjiagang", "2026-03-16")
    homes = owners(cast.estate, 10)
    if area == "99.99":
        registry.correct_area(
            homes[0], exclusive_area_m2=Decimal(area), area_source="register", actor=SYSTEM, now=cast.now
        )
    body = committee(cast, cast.estate, units=homes[:5])
    petition = bodies.open_petition(
        cast.estate, kind="recall_member", member=body.members.first(), matter="不履职", opened_on=day("2026-03-16"),
        actor=SYSTEM, now=cast.now,
    )  # fmt: skip
    for number in range(1, signed + 1):
        bodies.add_signature(
            petition, unit=homes[number - 1], person=PersonInput(owner_name(number)), signed_on=day("2026-03-16"),
            actor=SYSTEM, now=cast.now,
        )  # fmt: skip
    decided = bodies.decide_petition(petition, on=day("2026-03-16"), actor=SYSTEM, now=cast.now)
    assert decided.state == state
    assert OwedMeeting.objects.filter(reason="recall_member").exists() is (state == "met")


def test_one_owner_of_two_units_is_one_head_and_a_stranger_none():
    cast = city("zhangjiagang", "2026-03-16")
    homes = owners(cast.estate, 3)
    for home in homes[:2]:
        registry.transfer_unit(
            home,
            owners=[registry.OwnerInput(owner_name(1), "13900000001", "", None)],
            from_on=day("2025-01-01"),
            actor=SYSTEM,
            now=cast.now,
        )
    petition = bodies.open_petition(
        cast.estate, kind="interim_meeting", matter="开会", opened_on=day("2026-03-16"), actor=SYSTEM, now=cast.now
    )
    for home in homes[:2]:
        bodies.add_signature(
            petition,
            unit=home,
            person=PersonInput(owner_name(1)),
            signed_on=day("2026-03-16"),
            actor=SYSTEM,
            now=cast.now,
        )
    fault = bodies.add_signature(
        petition,
        unit=homes[2],
        person=PersonInput(owner_name(1)),
        signed_on=day("2026-03-16"),
        actor=SYSTEM,
        now=cast.now,
    )
    assert fault.fault
    decided = bodies.decide_petition(petition, on=day("2026-03-16"), actor=SYSTEM, now=cast.now)
    assert (decided.signed_heads, decided.total_heads, decided.signed_area_dm2) == (1, 2, 20_000)


@pytest.mark.clause("ZJG-3.3.2-3d", "ZJG-3.3.2-3b")
def test_a_recall_from_the_finding_to_the_vote_and_somebody_else_convenes_when_the_committee_will_not():
    cast = city("zhangjiagang", "2026-03-16")
    body = committee(cast, cast.estate, substitutes=1)
    member = members_on(body, day("2026-03-16"))[0]
    street = cast.actor("street_office")
    charge = bodies.open_charge(member, text="违规收费", actor=street, now=cast.now)
    bodies.find_charge(charge, verified=True, finding="查证属实", actor=street, now=cast.now)
    meeting = OwedMeeting.objects.get()
    assert due_on(duty("propose_recall")) == day("2026-04-15")
    change = {"convener": "community_committee", "actor": street}
    with pytest.raises(Refused) as refused:
        bodies.change_convener(meeting, now=cast.now, **change)
    assert "催告" in refused.value.message and "期限" in refused.value.message
    duties.tick(moment("2026-04-16"))
    later(cast, "2026-04-16")
    change["actor"] = street = cast.actor("street_office")
    with pytest.raises(Refused):
        bodies.change_convener(meeting, now=cast.now, **change)
    bodies.urge_meeting(meeting, until_on=day("2026-04-26"), actor=street, now=cast.now)
    later(cast, "2026-04-27")
    change["actor"] = street = cast.actor("street_office")
    meeting = bodies.change_convener(meeting, now=cast.now, **change)
    assert meeting.convener == "community_committee"
    member.refresh_from_db()
    assert member.to_on is None
    later(cast, "2026-05-20")
    bodies.hold_meeting(meeting, held_on=day("2026-05-20"), passed=True, result="罢免", actor=SYSTEM, now=cast.now)
    member.refresh_from_db()
    assert (member.to_on, member.end_note) == (day("2026-05-20"), "业主大会罢免")
    assert [one.source for one in members_on(body, day("2026-05-22"))].count("substitute") == 1


@pytest.mark.clause("JY-2.5.12-3", "MX-3.7.1-6")
@pytest.mark.parametrize(
    ("slug", "found", "reason", "rule", "last"),
    [
        ("jiangyin", "2024-06-01", "not_functioning", "hold_interim_meeting", "2024-07-31"),
        ("meixian", "2023-03-06", "serious_breach", "re_elect_committee", "2023-05-05"),
    ],
)
def test_sixty_days_for_the_meeting_of_a_committee_that_does_not_work(slug, found, reason, rule, last):
    cast = city(slug, found)
    body = committee(cast, cast.estate)
    bodies.mark_unable(
        body, reason=reason, why="半年没有开会", from_on=day(found), actor=cast.actor("street_office"), now=cast.now
    )
    assert due_on(duty(rule)) == day(last)
    meeting = OwedMeeting.objects.get()
    duties.tick(moment(last, 23))
    assert duty(rule).state == "open"
    held = {"passed": True, "result": "调整", "actor": SYSTEM}
    bodies.hold_meeting(meeting, held_on=day(last), now=moment(last, 23), **held)
    assert duty(rule).state == "fulfilled"
    body.refresh_from_db()
    assert body.unable_from is None


@pytest.mark.clause("JY-2.5.12-4", "MX-3.7.1-5")
@pytest.mark.parametrize(("slug", "households"), [("jiangyin", 480), ("meixian", 320)])
def test_jy_hc_14_a_revocation_is_told_to_the_owners_of_every_unit_before_it_is_closed(slug, households):
    cast = city(slug, "2024-06-03")
    body = committee(cast, cast.estate, units=owners(cast.estate, 5))
    homes = fill_up(cast.estate, households)
    street, now = cast.actor("street_office"), cast.now
    decision = bodies.record_decision(
        cast.estate,
        body=body,
        title="平分车位收益",
        text="平分给委员",
        decided_on=day("2024-06-01"),
        actor=SYSTEM,
        now=now,
    )
    with pytest.raises(Refused):
        bodies.open_correction(decision, kind="revoke", grounds=" ", actor=street, now=now)
    row = bodies.open_correction(decision, kind="revoke", grounds="公共收益归全体业主", actor=street, now=now)
    if slug == "meixian":
        with pytest.raises(Refused) as refused:
            bodies.issue_correction(row, actor=street, now=now)
        assert refused.value.clause == "MX-3.1.2-6"
        bodies.give_opinion(row, text="同意撤销", actor=cast.actor("housing"), now=now)
    row = bodies.issue_correction(row, actor=street, now=now)
    decision.refresh_from_db()
    assert decision.revoked_on == day("2024-06-03") and row.notices.count() == households
    assert "撤销" in row.document.title
    serve = {"way": "door", "on": day("2024-06-03"), "actor": street, "now": now}
    assert bodies.serve_notices(row, units=[one.pk for one in homes[:-1]], **serve) == households - 1
    with pytest.raises(Refused) as refused:
        bodies.close_correction(row, actor=street, now=now)
    assert f"应通告{households}户，已送达{households - 1}户，还差1户" in refused.value.message
    bodies.serve_notices(row, units=[homes[-1].pk], **serve)
    assert bodies.close_correction(row, actor=street, now=now).state == "closed"


@pytest.mark.clause("MX-3.1.2-6")
def test_an_order_has_its_day_and_what_is_not_put_right_by_then_is_late():
    cast = city("meixian", "2023-05-10")
    homes = owners(cast.estate, 5)
    body = committee(cast, cast.estate, units=homes)
    street = cast.actor("street_office")
    decision = bodies.record_decision(
        cast.estate,
        body=body,
        title="限制装修",
        text="收押金",
        decided_on=day("2023-05-01"),
        actor=SYSTEM,
        now=cast.now,
    )
    row = bodies.open_correction(decision, kind="order", grounds="没有依据", actor=street, now=cast.now)
    bodies.give_opinion(row, text="同意", actor=cast.actor("housing"), now=cast.now)
    row = bodies.issue_correction(row, actor=street, now=cast.now)
    assert (row.due_on, due_on(duty("correct_decision"))) == (day("2023-05-25"), day("2023-05-25"))
    duties.tick(moment("2023-05-26"))
    assert duty("correct_decision").state == "overdue"
    now = moment("2023-05-26")
    with pytest.raises(Refused):
        bodies.close_correction(row, actor=street, now=now)
    for wrong in ("2023-05-09", "2023-05-27"):
        with pytest.raises(Refused):
            bodies.note_corrected(row, on=day(wrong), actor=street, now=now)
    later(cast, "2023-05-26")
    revoked = bodies.open_correction(decision, kind="revoke", grounds="逾期未改", actor=street, now=now)
    bodies.give_opinion(revoked, text="同意", actor=cast.actor("housing"), now=now)
    bodies.issue_correction(revoked, actor=street, now=now)
    row.refresh_from_db()
    assert row.state == "closed" and duty("correct_decision").closed_at is not None


@pytest.mark.clause("ZJG-2.1.1", "JY-2.1.3-4", "MX-3.1.3-11", "MX-3.3-2")
@pytest.mark.parametrize("slug", ["zhangjiagang", "jiangyin", "meixian"])
def test_an_opinion_stands_on_the_committees_page_until_answered_and_late_goes_up(slug):
    cast = city(slug, "2024-05-13")
    body = committee(cast, cast.estate)
    role = {"zhangjiagang": "street_office", "jiangyin": "community_committee", "meixian": "community_committee"}[slug]
    kind = {"zhangjiagang": "order", "jiangyin": "opinion", "meixian": "urge"}[slug]
    rule = {"zhangjiagang": "reply_to_guidance", "jiangyin": "reply_to_opinion", "meixian": "reply_to_urging"}[slug]
    row = bodies.advise(
        kind=kind, to=body.organisation, body=body, text="请说明账目", actor=cast.actor(role), now=cast.now,
        due_on=None if slug != "meixian" else day("2024-06-11"),
    )  # fmt: skip
    assert due_on(duty(rule)) == row.due_on == day("2024-06-11" if slug == "meixian" else "2024-05-28")
    assert unanswered(body) == [row]
    with pytest.raises(Refused):
        bodies.confirm_advice(row, actor=cast.actor(role), now=cast.now)
    core.begin_post(
        cast.user("owner"), organisation=body.organisation, begins_on=day("2024-05-13"), actor=SYSTEM, now=cast.now
    )
    from gongzhi.core.actors import capacities

    chair = next(one for one in capacities(cast.user("owner"), cast.now) if one.role == "owners_committee")
    with pytest.raises(Refused) as refused:
        bodies.reply_to(row, text="我来答", actor=cast.actor("street_office"), now=cast.now)
    assert refused.value.status == 403
    bodies.reply_to(row, text="附账目", actor=chair, now=cast.now)
    assert unanswered(body) == [] and duty(rule).state == "fulfilled"
    with pytest.raises(Refused):
        core.require(cast.actor("community_station@2"), "body.advise", body)


@pytest.mark.clause("MX-3.3-2")
def test_the_company_assists_by_the_day_and_only_the_street_says_that_it_is_done():
    cast = city("meixian", "2023-03-20")
    street = cast.actor("street_office")
    company = cast.organisation("property_company")
    row = bodies.advise(
        kind="assistance",
        to=company,
        estate=cast.estate,
        text="提供业主名册",
        due_on=day("2023-04-10"),
        actor=street,
        now=cast.now,
    )
    assert duty("assist_election").owner_organisation == company
    manager = cast.actor("project_manager")
    bodies.reply_to(row, text="已提交名册", actor=manager, now=moment("2023-04-10", 20))
    assert duty("assist_election").state == "fulfilled"
    with pytest.raises(Refused):
        bodies.confirm_advice(row, actor=manager, now=moment("2023-04-10", 21))
    assert bodies.confirm_advice(row, actor=street, now=moment("2023-04-10", 21)).confirmed_at


@pytest.mark.clause("JY-2.5.12-5", "MX-3.7.1-7")
@pytest.mark.parametrize("slug", ["jiangyin", "meixian"])
def test_a_suspected_crime_is_closed_only_with_the_office_and_the_day_it_went_to(slug):
    cast = city(slug, "2024-05-08")
    body = committee(cast, cast.estate)
    street, now = cast.actor("street_office"), cast.now
    charge = bodies.open_charge(body.members.first(), text="侵占收益", actor=street, now=now)
    bodies.find_charge(charge, verified=True, finding="涉嫌侵占", suspected_crime=True, actor=street, now=now)
    closing = {"outcome": "punished", "note": "移送司法机关处理"}
    with pytest.raises(Refused) as refused:
        bodies.close_charge(charge, **closing, actor=street, now=now)
    assert "移交机关、移交日期" in refused.value.message
    bodies.hand_over_charge(charge, handed_to="市公安局", handed_on=day("2024-05-08"), actor=street, now=now)
    assert bodies.close_charge(charge, **closing, actor=street, now=now).closed_at
    with pytest.raises(Refused) as refused:
        core.require(cast.actor("owner"), "charge.work", charge)
    assert refused.value.status == 403


@pytest.mark.clause("JH-4.6h")
@pytest.mark.parametrize(("formed", "state"), [("2025-06-30", "overdue"), ("2025-07-01", "excused")])
def test_a_committee_is_assessed_in_its_first_year_once_six_months_are_over(formed, state):
    cast = city("jinhua", formed)
    committee(cast, cast.estate)
    duties.tick(moment("2026-01-01"))
    assert Duty.objects.get(rule="assess_committee", due_at__lte=moment("2026-01-01")).state == state


@pytest.mark.clause("JH-4.6h")
def test_a_committee_that_was_there_before_the_platform_is_assessed_every_year_too():
    cast = city("jinhua", "2025-05-08")
    given = {"kind": "owners_committee", "formed_on": day("2023-03-01"), "actor": SYSTEM}
    bring_in_committee(cast.estate, **given, now=cast.now)
    later(cast, "2025-05-09")
    bring_in_committee(cast.estate, **given, seats=7, now=cast.now)
    duties.tick(moment("2026-01-01"))
    assert Duty.objects.get(rule="assess_committee", due_at__lte=moment("2026-01-01")).state == "overdue"


@pytest.mark.clause("JH-4.6h", "JY-2.1.3-2")
def test_one_final_assessment_a_year_and_a_score_of_101_is_refused():
    cast = city("jinhua", "2025-05-08")
    body = committee(cast, cast.estate)
    duties.tick(moment("2027-01-01"))
    states = {
        core.local_day(one.due_at).year - 1: one.state
        for one in Duty.objects.filter(rule="assess_committee", due_at__lte=moment("2027-01-01"))
    }
    assert states[2026] == "overdue"
    assert states[2025] == "overdue", "formed in May: six months are over before the year is"
    with pytest.raises(Refused) as refused:
        bodies.assess(body, year=2026, score=Decimal("101"), final=True, actor=SYSTEM, now=moment("2026-06-01"))
    assert "score" in refused.value.fields
    row = bodies.assess(body, year=2026, score=Decimal("85"), final=True, actor=SYSTEM, now=moment("2026-06-01"))
    assert row.first_score is None
    row = bodies.assess(body, year=2026, score=Decimal("82"), final=False, actor=SYSTEM, now=moment("2026-06-01"))
    assert (row.first_score, row.score) == (Decimal("82"), Decimal("85"))


@pytest.mark.clause("ZJG-3.3.2-3c")
def test_a_petition_counts_owners_as_votes_do():
    """Parking spaces weigh nothing unless the rules of procedure say so; one person's units are one head by his
    identity number; what nobody owns yet is the developer's, one person."""
    cast = city("zhangjiagang", "2026-03-16")
    units = owners(cast.estate, 9)
    for unit in units[:2]:
        registry.transfer_unit(
            unit,
            owners=[registry.OwnerInput("张三", "", "110101198001010011", None)],
            from_on=day("2020-06-01"),
            actor=SYSTEM,
            now=cast.now,
        )
    block = units[0].building
    for name, use in (("车1", "parking"), ("空1", "residence"), ("空2", "residence")):
        registry.register_unit(
            block,
            name=name,
            use=use,
            exclusive_area_m2=Decimal("50.00"),
            area_source="register",
            actor=SYSTEM,
            now=moment("2020-01-02"),
        )
    found = electors_on(cast.estate, day("2026-03-16"))
    assert (found.area, found.head_count, found.excluded) == (100_000, 9, 1)
    later(cast, "2026-03-17")
    core.set_switch(
        place=cast.estate.place,
        pack="national",
        name="vote_parking",
        value="area_only",
        from_on=day("2026-03-17"),
        actor=SYSTEM,
        reason="议事规则",
        now=cast.now,
    )
    found = electors_on(cast.estate, day("2026-03-17"))
    assert (found.area, found.head_count) == (105_000, 9)
