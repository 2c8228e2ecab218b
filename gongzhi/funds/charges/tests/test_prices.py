"""Guide prices of several departments, filing within the band, changes by their steps, what is shown and inspected."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.urls import reverse

from gongzhi.cases.models import Case
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.models import Event
from gongzhi.core.tests.cast import build
from gongzhi.duties.models import Duty
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import GuidePrice, Tariff
from gongzhi.funds.charges.queries import prices
from gongzhi.funds.charges.tests.charged import manager, pay, project_of, tariff, terms
from gongzhi.funds.maintenance.tests.fund import committee, day, decided, file, units
from gongzhi.funds.maintenance.tests.test_deposits import COUNTY, refuses
from gongzhi.funds.public_money.tests.money import known
from gongzhi.policy import decide
from gongzhi.registry.models import Estate

FACTORS = dict.fromkeys(("小区容量", "场地设施", "企业成本", "业主承受能力"), "已说明")


@pytest.fixture
def cast(request, db):
    pack, moment = getattr(request, "param", ("meixian", "2023-06-01"))
    return build(day(moment), county=COUNTY[pack], pack=pack)


def in_city(pack, moment="2023-06-01"):
    return pytest.mark.parametrize("cast", [(pack, moment)], indirect=True)


def drafted(cast, price="1.50", *, grade="三级", up="0.2", down="0.2", since=date(2023, 7, 1), factors=FACTORS):
    return charges.draft_guide_price(
        cast.county, grade=grade, base_price=Decimal(price), up_ratio=Decimal(up), down_ratio=Decimal(down),
        from_on=since, factors=factors, document="", actor=cast.actor("development_reform"), now=cast.now,
    )  # fmt: skip


def signed(cast, guide, *roles):
    for role in roles:
        charges.sign_guide_price(guide, actor=cast.actor(role), now=cast.now)


def published(cast, guide, actor="development_reform"):
    return charges.publish_guide_price(guide, version=guide.version, actor=cast.actor(actor), now=cast.now)


@pytest.mark.clause("MX-3.2.2-1", "MX-3.5.1-1")
def test_a_guide_price_is_published_when_both_departments_signed_and_four_factors_are_written(cast):
    guide = drafted(cast, factors={**FACTORS, "企业成本": " "})
    assert guide.state == "draft" and not prices.guides(cast.estate.place_path).exists()
    signed(cast, guide, "housing")
    refuses("not_signed", lambda: published(cast, guide))
    signed(cast, guide, "market_regulation", "market_regulation")
    assert "企业成本" in refuses("factors", lambda: published(cast, guide)).message
    whole = drafted(cast)
    signed(cast, whole, "housing", "market_regulation")
    published(cast, whole)
    assert prices.guide_on(cast.estate.place_path, "三级", date(2023, 7, 1)) == whole
    assert prices.guide_on(cast.estate.place_path, "三级", date(2023, 6, 30)) is None
    refuses("forbidden", lambda: charges.draft_guide_price(
        cast.county, grade="三级", base_price=Decimal(1), up_ratio=Decimal(0), down_ratio=Decimal(0),
        from_on=date(2023, 7, 1), factors={}, document="", actor=cast.actor("housing"), now=cast.now,
    ))  # fmt: skip


@pytest.mark.clause("MX-3.5.1-2", "MX-3.5.1-1")
def test_one_guide_price_a_grade_and_day_the_rise_in_percent_and_contracts_untouched(cast):
    contract = tariff(cast, "1.10", grade="三级")
    for price, since in (("1.20", date(2023, 7, 1)), ("1.32", date(2024, 7, 1))):
        guide = drafted(cast, price, since=since)
        signed(cast, guide, "housing", "market_regulation")
        published(cast, guide)
    first, second = GuidePrice.objects.filter(state="published").order_by("from_on")
    assert first.to_on == date(2024, 6, 30)
    before, part = prices.rise(second)
    assert before == first and part == Decimal("0.1")
    assert prices.guide_on(cast.estate.place_path, "三级", date(2024, 6, 30)) == first
    contract.refresh_from_db()
    assert contract.price == Decimal("1.10")
    same_day = drafted(cast, "1.40", since=date(2024, 7, 1))
    signed(cast, same_day, "housing", "market_regulation")
    refuses("guide_days", lambda: published(cast, same_day))


def priced(cast, price, *, grade="三级", kind="guide", title="物业公共服务费"):
    given = charges.TariffInput(
        fee="service", title=title, price_kind=kind, basis="area", price=Decimal(price), every=1,
        from_on=date(2023, 7, 1), grade=grade,
    )  # fmt: skip
    return charges.register_tariff(project_of(cast), given=given, actor=manager(cast), now=cast.now)


def filed(cast, row, by="development_reform"):
    return charges.file_tariff(row, number="备2023-1", version=row.version, actor=cast.actor(by), now=cast.now)


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.4c", "ZJG-2.3.4b")
def test_1_80_is_filed_within_1_20_to_1_80_and_1_81_is_not_and_below_the_band_only_a_hint(cast):
    published(cast, drafted(cast, since=date(2023, 6, 1)))
    row = filed(cast, priced(cast, "1.80"))
    assert row.state == "in_force" and row.guide.most == Decimal("1.80") and row.answer == []
    above = priced(cast, "1.81", title="电梯运行费")
    caught = refuses("check_failed", lambda: filed(cast, above))
    assert "超出政府指导价范围" in caught.message and "ZJG-2.3.4c" in caught.clauses
    below = filed(cast, priced(cast, "1.19", title="保洁费"))
    assert below.answer[0]["clauses"] == ["ZJG-2.3.4c"]
    assert [one.price for one in [filed(cast, priced(cast, "1.20", title="绿化费"))] if one.answer == []]


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.4c")
def test_a_villa_and_an_estate_with_a_committee_are_told_that_the_guide_is_not_for_them(cast):
    published(cast, drafted(cast, since=date(2023, 6, 1)))
    row = priced(cast, "1.50")
    Estate.objects.filter(pk=cast.estate.pk).update(estate_subtype="villa")
    assert "不适用" in refuses("check_failed", lambda: filed(cast, row)).message
    Estate.objects.filter(pk=cast.estate.pk).update(estate_subtype="")
    committee(cast)
    assert "不适用" in refuses("check_failed", lambda: filed(cast, row)).message


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.4a", "ZJG-2.3.4b")
def test_the_dictionary_has_four_kinds_and_publishing_a_guide_starts_its_yearly_review(cast):
    kinds = core.ask("funds.fee_kinds", {}, place_path=cast.county.path, on=cast.now.date())
    assert list(kinds.value) == ["service", "parking", "special", "agency"] and kinds.clauses == ("ZJG-2.3.4a",)
    published(cast, drafted(cast, since=date(2023, 6, 1)))
    done, due = Duty.objects.filter(rule="review_guide_price").order_by("due_at")
    assert (done.owner_role, done.state) == ("development_reform", "fulfilled"), "what was published today is not owed"
    assert due.state == "open" and due.last_day == date(2024, 12, 31)
    published(cast, drafted(cast, grade="二级", since=date(2023, 6, 1)))
    assert Duty.objects.filter(rule="review_guide_price").count() == len([done, due])


@in_city("jiujiang", "2023-06-01")
@pytest.mark.clause("JJ-4.1.14-2")
def test_a_price_is_not_changed_by_hand_but_by_notice_decision_and_filing_in_their_order(cast):
    old = tariff(cast, "1.50")
    refuses("tariff_exists", lambda: priced(cast, "1.80", kind="market"))
    change = lambda reason: charges.propose_change(  # noqa: E731
        old, new_price=Decimal("1.80"), reason=reason, evidence=None, report=None, actor=manager(cast), now=cast.now
    )
    refuses("check_failed", lambda: change(" "))
    row = change("人工成本上涨")
    assert row.steps == ["notice", "decide", "file"]
    on = cast.now.date()
    step = lambda name, **more: charges.take_step(  # noqa: E731
        row, step=name, on=on, version=None, actor=more.pop("actor", manager(cast)), now=cast.now, **more
    )
    into = lambda: charges.put_into_force(  # noqa: E731
        row, effective_on=date(2023, 7, 1), version=None, actor=manager(cast), now=cast.now
    )
    refuses("step_order", lambda: step("decide"))
    refuses("check_failed", into)
    step("notice")
    lost = decided(cast, fen=None, outcome="rejected")
    refuses("not_passed", lambda: step("decide", motion=lost))
    step("decide", motion=decided(cast, fen=None))
    refuses("check_failed", into)
    step("file", number="备1", actor=cast.actor("market_regulation"))
    made = into()
    old.refresh_from_db()
    assert (old.to_on, made.from_on, made.price) == (date(2023, 6, 30), date(2023, 7, 1), Decimal("1.80"))
    assert prices.in_force(project_of(cast), date(2023, 6, 30)).get() == old
    assert prices.in_force(project_of(cast), date(2023, 7, 1)).get() == made


@in_city("jiangyin", "2025-06-02")
@pytest.mark.clause("JY-2.3.6-2")
def test_1_50_to_1_80_shows_a_fifth_and_needs_evidence_and_the_owners_yes(cast):
    old = tariff(cast, "1.50")
    propose = lambda evidence: charges.propose_change(  # noqa: E731
        old, new_price=Decimal("1.80"), reason="成本上涨", evidence=evidence, report=None, actor=manager(cast),
        now=cast.now,
    )  # fmt: skip
    refuses("check_failed", lambda: propose(None))
    row = propose(file(cast, cast.estate))
    assert (row.new_price - old.price) / old.price == Decimal("0.2")
    into = lambda: charges.put_into_force(  # noqa: E731
        row, effective_on=date(2025, 7, 1), version=None, actor=manager(cast), now=cast.now
    )
    assert refuses("check_failed", into).clauses == ("JY-2.3.6-2",)
    assert Tariff.objects.get(pk=old.pk).to_on is None
    charges.take_step(
        row,
        step="decide",
        on=cast.now.date(),
        motion=decided(cast, fen=None),
        version=None,
        actor=manager(cast),
        now=cast.now,
    )
    assert into().price == Decimal("1.80")


@pytest.mark.clause("MX-3.5.1-4")
def test_a_report_serves_only_when_both_sides_ordered_it_and_changes_no_price(cast):
    old = tariff(cast, "1.40")
    add = lambda owners: charges.add_report(  # noqa: E731
        project_of(cast), firm="某评估公司", price=Decimal("1.45"), on=cast.now.date(), ordered_by_company=True,
        ordered_by_owners=owners, file=None, actor=manager(cast), now=cast.now,
    )  # fmt: skip
    propose = lambda report: charges.propose_change(  # noqa: E731
        old, new_price=Decimal("1.45"), reason="评估", evidence=None, report=report, actor=manager(cast), now=cast.now
    )
    one_side, both = add(False), add(True)
    assert "须双方委托" in refuses("report_one_side", lambda: propose(one_side)).message
    assert propose(both).report == both
    old.refresh_from_db()
    assert old.price == Decimal("1.40") and old.to_on is None


@pytest.mark.clause("MX-3.5.1-3")
def test_a_commission_of_eight_percent_of_100000_is_8000_and_its_rate_has_to_be_written(cast):
    given = {"due_days": 30, "from_on": date(2023, 1, 1), "actor": manager(cast), "now": cast.now}
    refuses("commission", lambda: charges.set_terms(project_of(cast), mode="commission", **given))
    row = charges.set_terms(
        project_of(cast), mode="commission", commission_kind="ratio", commission_ratio=Decimal("0.08"), **given
    )
    pack = core.pack_for(cast.estate.place_path, cast.now.date())
    facts = {"spent": 10_000_000, "ratio": Fraction(row.commission_ratio)}
    assert decide(pack, "funds.commission", facts, on=cast.now.date()).value == 800_000


def hung(cast, item, *, place="board", price=None, grade="", on=None):
    return charges.show(
        project_of(cast), item=item, place=place, photo=file(cast, cast.estate),
        price=Decimal(price) if price else None, grade=grade, shown_on=on or cast.now.date(), actor=manager(cast),
        now=cast.now,
    )  # fmt: skip


@pytest.mark.clause("MX-3.6.3-3", "MX-3.2.1-7")
def test_a_shown_price_that_is_not_the_contracts_is_marked_until_it_is_put_right(cast):
    terms(cast, grade="三级")
    tariff(cast, "1.50")
    for item in ("standard", "content", "basis", "method"):
        hung(cast, item)
    hung(cast, "grade", grade="二级")
    wrong = hung(cast, "price", price="1.80")
    found = prices.shown(project_of(cast), cast.now.date())
    assert {one.item for one in found.differs} == {"grade", "price"} and wrong in found.differs
    assert not found.lacking
    hung(cast, "price", price="1.50")
    hung(cast, "grade", grade="三级")
    assert prices.shown(project_of(cast), cast.now.date()).complete


@in_city("jiujiang")
@pytest.mark.clause("JJ-4.1.14-1")
def test_eight_squares_of_four_items_at_two_places_and_one_that_lacks(cast):
    tariff(cast, "1.50")
    pairs = [(item, place) for item in ("content", "standard", "price", "accounts") for place in ("centre", "board")]
    for item, place in pairs[:-1]:
        hung(cast, item, place=place, price="1.50" if item == "price" else None)
    found = prices.shown(project_of(cast), cast.now.date())
    assert found.lacking == [("accounts", "board")] and not found.complete
    refuses("photo", lambda: charges.show(
        project_of(cast), item="accounts", place="board", photo=None, price=None, grade="",
        shown_on=cast.now.date(), actor=manager(cast), now=cast.now,
    ))  # fmt: skip
    hung(cast, "accounts")
    assert prices.shown(project_of(cast), cast.now.date()).complete


@pytest.mark.clause("MX-3.2.1-7")
def test_1_50_is_within_a_limit_of_1_50_and_1_51_is_above_it(cast):
    guide = drafted(cast, "1.50", up="0", since=date(2023, 6, 1))
    signed(cast, guide, "housing", "market_regulation")
    published(cast, guide)
    at = tariff(cast, "1.50", grade="三级")
    projects = prices.projects_on(cast.actor("housing"), cast.now.date())
    assert prices.over_guide(projects, cast.now.date()) == []
    Tariff.objects.filter(pk=at.pk).update(price=Decimal("1.51"))
    assert [row.pk for row, _ in prices.over_guide(projects, cast.now.date())] == [at.pk]


@pytest.mark.clause("MX-3.2.10-3")
def test_the_list_holds_those_whose_price_is_not_shown_and_a_finding_becomes_a_case(cast):
    tariff(cast, "1.50")
    projects = list(prices.projects_on(cast.actor("housing"), cast.now.date()))
    assert prices.not_shown(projects, cast.now.date()) == [project_of(cast)]
    hung(cast, "price", price="1.50")
    assert prices.not_shown(projects, cast.now.date()) == []
    row = charges.inspect(
        cast.county, on=cast.now.date(), roles=["market_regulation"], note="",
        findings=[(project_of(cast), "not_shown")], actor=cast.actor("market_regulation"), now=cast.now,
    )  # fmt: skip
    finding = row.findings.get()
    assert finding.lead == "market_regulation"
    assert Event.objects.filter(kind="fee.finding_made").count() == 1
    case = Case.objects.get()
    assert (case.matter, case.estate, case.number) == ("unmarked_price", cast.estate, finding.case_ref)
    assert case.route_lead == "market_regulation"
    other = charges.inspect(
        cast.county, on=cast.now.date(), roles=["market_regulation"], note="",
        findings=[(project_of(cast), "differs")], actor=cast.actor("market_regulation"), now=cast.now,
    )  # fmt: skip
    assert other.findings.get().case_ref == "" and Case.objects.count() == 1
    finding = charges.close_finding(
        finding, case_ref="", result="责令改正", version=None, actor=cast.actor("market_regulation"), now=cast.now
    )
    assert finding.case_ref == case.number


@in_city("jiangyin", "2024-06-03")
@pytest.mark.clause("JY-2.4.9-6")
def test_a_price_that_is_not_shown_is_a_lead_of_market_regulation(cast):
    projects = list(prices.projects_on(cast.actor("market_regulation"), cast.now.date()))
    assert prices.not_shown(projects, cast.now.date()) == [project_of(cast)]
    finding = charges.inspect(
        cast.county, on=cast.now.date(), roles=["market_regulation"], note="",
        findings=[(project_of(cast), "not_shown")], actor=cast.actor("market_regulation"), now=cast.now,
    ).findings.get()  # fmt: skip
    case = Case.objects.get()
    assert (case.matter, case.channel, case.number) == ("charges_not_shown", "found", finding.case_ref)
    assert case.route_lead == "market_regulation" and "JY-2.4.9-6" in case.route["clauses"]


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-3.4.2")
def test_a_joint_inspection_has_three_departments_and_its_result_goes_into_the_companys_file(cast):
    inspect = lambda roles: charges.inspect(  # noqa: E731
        cast.county, on=cast.now.date(), roles=roles, note="", findings=[(project_of(cast), "not_shown")],
        actor=cast.actor("market_regulation"), now=cast.now,
    )  # fmt: skip
    assert "住建" in refuses("not_joint", lambda: inspect(["market_regulation", "development_reform"])).message
    finding = inspect(["market_regulation", "development_reform", "housing"]).findings.get()
    case = Case.objects.get()
    assert (case.matter, case.route_lead, case.number) == ("price_violation", "market_regulation", finding.case_ref)
    close = lambda by: charges.close_finding(  # noqa: E731
        finding, case_ref="", result="责令改正", version=None, actor=cast.actor(by), now=cast.now
    )
    refuses("not_lead", lambda: close("housing"))
    close("market_regulation")
    event = Event.objects.get(kind="fee.finding_closed")
    assert event.data["company"] == str(project_of(cast).company_id)


@pytest.mark.clause("MX-3.3-1")
def test_an_invoice_on_the_seventh_day_is_in_time_and_a_yuan_less_is_told(cast):
    (unit,) = units(cast, "100")
    cast.now = day("2023-03-01")
    paid = pay(cast, [], "1000", unit=unit, project=project_of(cast))
    duty = Duty.objects.get(rule="issue_invoice")
    assert duty.due_at == day("2023-03-09", 0)
    invoice = charges.issue_invoice(
        paid, number="044-1", amount_fen=99_900, issued_on=date(2023, 3, 8), actor=manager(cast), now=day("2023-03-08")
    )
    assert invoice.differs_fen == -100
    duty.refresh_from_db()
    assert duty.state == "fulfilled"
    late = pay(cast, [], "10", unit=unit, project=project_of(cast), key="k2")
    charges.issue_invoice(
        late, number="044-2", amount_fen=1000, issued_on=date(2023, 3, 9), actor=manager(cast), now=day("2023-03-09")
    )
    assert Duty.objects.get(rule="issue_invoice", subject_id=str(late.pk)).state == "fulfilled_late"


@pytest.mark.clause("MX-3.3-1")
def test_an_invoice_is_registered_on_the_page_of_the_payment_and_a_yuan_less_is_seen_at_the_unit(
    cast, client, monkeypatch
):
    (unit,) = units(cast, "100")
    cast.now = day("2023-03-08")
    monkeypatch.setattr("django.utils.timezone.now", lambda: cast.now)
    paid = pay(cast, [], "1000", unit=unit, project=project_of(cast), on=date(2023, 3, 1))
    where = reverse("funds:charges_act", args=["settlement", paid.pk, "fapiao"])
    home = reverse("funds:charges_unit", args=[project_of(cast).pk, unit.pk])

    def seen():
        client.force_login(manager(cast).user)
        page = client.get(home).content.decode()
        return page.split('id="h-pay"')[1].split("</section>")[0]

    assert "今日到期" in seen() and "MX-3.3-1" in seen() and where in seen()
    cast.now = day("2023-03-09")
    assert "已超1日" in seen() and "3月8日" in seen()
    key = client.get(where).content.decode().split('name="form_key" value="')[1].split('"')[0]
    given = {"form_key": key, "number": "044-1", "amount_fen": "999", "issued_on": "2023-03-08"}
    done = client.post(where, given)
    assert (done.status_code, done["Location"]) == (303, home)
    assert "金额不符" in seen() and "已超" not in seen()


@in_city("zhangjiagang")
@pytest.mark.clause("ZJG-2.3.9e")
def test_dear_and_poor_among_its_grade_is_flagged_and_nothing_else_happens(cast, sign_in):
    from gongzhi.registry.services import begin_project

    made = [project_of(cast)]
    for key in ("outside", "unknown"):
        made.append(
            begin_project(
                estate=cast.estates[key], company=cast.organisation("property_company@2"), manager=None,
                from_on=date(2020, 1, 1), actor=Actor.system(), now=cast.now,
            )
        )  # fmt: skip
    for project, price in zip(made, ("1.20", "1.50", "1.80"), strict=True):
        Tariff.objects.create(
            project=project, fee="service", title="物业公共服务费", price_kind="market", basis="area", every=1,
            price=Decimal(price), grade="三级", state="in_force", from_on=date(2021, 1, 1),
            place_path=project.place_path,
        )  # fmt: skip
    for one, score in zip(made, (90, 80, 70), strict=True):
        known(cast, one.estate, service_score=score)
    rows, clauses = prices.quality(cast.county.path, cast.now.date())
    assert {one.project: (one.score, one.flagged) for one in rows} == {
        made[0]: (90, False), made[1]: (80, False), made[2]: (70, True)}  # fmt: skip
    assert clauses == ("ZJG-2.3.9e",)
    office, url = sign_in("market_regulation"), reverse("funds:price_checks")
    names = [one.estate.name for one in made]
    listed = office.get(url).content.decode().split('id="h-q"')[1]
    assert all(name in listed for name in names) and "价高质低1个" in listed
    dear = office.get(url, {"only": "dear"}).content.decode().split('id="h-q"')[1]
    assert [name in dear for name in names] == [False, False, True]
    own = office.get(reverse("funds:charges_project", args=[made[2].pk])).content.decode()
    assert "质价对照" in own and "价高质低" in own
    assert not Event.objects.filter(kind="fee.finding_made").exists()
