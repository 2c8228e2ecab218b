"""The pages of public money: a claim walks from its form to its payment; each role sees what is its own to do."""

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core.days import local_day
from gongzhi.core.tests.cast import now_in
from gongzhi.funds.maintenance.tests.fund import committee, proposed
from gongzhi.funds.maintenance.tests.test_uses import endowed
from gongzhi.funds.public_money.models import Budget, Claim, Doubt, PublicExpense
from gongzhi.funds.public_money.tests.money import budget, city, known
from gongzhi.funds.tests.test_pages import key, picture
from gongzhi.registry.models import Project


@pytest.fixture
def cast(db):
    return now_in(city, "jiujiang")


def post(client, name, args, data, status=303):
    url = reverse(f"funds:{name}", args=args)
    response = client.post(url, {"form_key": key(client, url), **data})
    assert response.status_code == status, response.content.decode().split("<main", 1)[-1][:1500]
    return response


def old(cast):
    cast.estate.estate_type, cast.estate.households = "old", 386
    cast.estate.save()
    Project.objects.filter(estate=cast.estate).delete()
    known(cast, cast.estate, self_body=True, assessment_passed=True)


@pytest.mark.clause("JJ-A8-3.1.1-2", "JJ-A11-2.3-1")
def test_a_claim_goes_from_its_form_to_its_payment(cast, sign_in):
    old(cast)
    today = local_day(cast.now)
    community, bureau, finance, street = (
        sign_in(role) for role in ("community_station", "leading_group_office", "finance", "street_government")
    )
    listed = community.get(reverse("funds:claim_new")).content.decode()
    assert "无物管老旧小区扶持" in listed and "物业费奖补" not in listed
    year = {"from_on": f"{today.year}-01-01", "to_on": f"{today.year}-12-31"}
    of = [cast.estate.pk, "household_support"]
    page = post(community, "claim_make", of, {**year, "payee": "自治组织"}, status=422).content.decode()
    assert "年度考核结果" in page and "自治组织" in page
    post(community, "claim_make", of, {**year, "payee": "自治组织", "paper_0": picture()})
    claim = Claim.objects.get()
    assert claim.amount_fen == 3_860_000
    shown = community.get(reverse("funds:claim", args=[claim.pk])).content.decode()
    assert "38,600.00" in shown and "19,300.00" in shown and "下一步：审核" in shown and claim.number in shown
    day = {"on": today.isoformat(), "agreed": "yes", "opinion": ""}
    away = community.get(reverse("funds:claim_step", args=[claim.pk]))
    assert away["Location"] == reverse("funds:claim", args=[claim.pk]), "the office reviews"
    post(bureau, "claim_step", [claim.pk], day)
    page = post(finance, "claim_step", [claim.pk], day, status=422).content.decode()
    assert "没有安排" in page
    post(finance, "appropriate", [], {
        "place": cast.county.pk, "payer": "county", "year": today.year, "item": "old_support", "sign": "grant",
        "amount_fen": "19,300.00", "on": today.isoformat(), "basis": "预算批复", "posts": "",
    })  # fmt: skip
    post(finance, "claim_step", [claim.pk], day)
    assert "预算差19,300.00元" in street.get(reverse("funds:claim", args=[claim.pk])).content.decode()
    budget(cast, "19300", item="old_support", payer="street")
    post(street, "claim_step", [claim.pk], {"on": today.isoformat(), "opinion": ""})
    post(bureau, "claim_step", [claim.pk], {"on": today.isoformat(), "opinion": ""})
    paid = {"on": today.isoformat(), "opinion": "", "voucher": picture()}
    assert "“审批”是您办的" in finance.get(reverse("funds:claim", args=[claim.pk])).content.decode()
    page = post(finance, "claim_step", [claim.pk], paid, status=422).content.decode()
    assert "“审批”是您办的，“拨付”要由另一个人办" in page
    page = post(sign_in("treasury"), "claim_step", [claim.pk], {**paid, "voucher": picture()}, status=422)
    assert "公示到" in page.content.decode() and "24:00" in page.content.decode()
    rows = finance.get(reverse("funds:budgets")).content.decode()
    assert "老旧小区扶持" in rows and "19,300.00" in rows and "经费未落实" in rows
    assert finance.get(reverse("funds:budgets"), {"as": "xlsx"})["Content-Type"].endswith("sheet")


@pytest.mark.clause("JJ-A8-3.1.3-2", "JJ-A8-3.2.3-7")
def test_jj_hc_50_the_award_of_a_punished_company_waits_for_a_person_until_the_penalty_is_annulled(cast, sign_in):
    company, today = cast.organisation("property_company"), local_day(cast.now)
    known(cast, cast.estate, assessment_passed=True)
    known(cast, company, list_pending=True)
    manager, bureau = sign_in("project_manager"), sign_in("leading_group_office")
    given = {"from_on": f"{today.year}-01-01", "to_on": f"{today.year}-12-31", "payee": "", "contract": "1860000",
             "complaints": "1", "complaints_late": "0", **{f"paper_{one}": picture() for one in range(3)}}  # fmt: skip
    post(manager, "claim_make", [cast.estate.pk, "company_award"], given)
    claim = Claim.objects.get()
    page, listed = reverse("funds:claim", args=[claim.pk]), reverse("funds:claims")
    assert (claim.amount_fen, claim.organisation) == (1_860_000, company)
    for client in (manager, bureau):
        assert "须人工核定" in client.get(listed).content.decode()
        shown = client.get(page).content.decode()
        assert "企业在黑名单待批，奖励待人工核定" in shown and "JJ-A8-3.2.3-7" in shown
    day = {"on": today.isoformat(), "agreed": "yes", "opinion": ""}
    post(sign_in("street_government"), "claim_step", [claim.pk], day)
    assert "请" in post(bureau, "claim_step", [claim.pk], day, status=422).content.decode()
    known(cast, company, list_pending=False)
    for client in (manager, bureau):
        assert "须人工核定" not in client.get(listed).content.decode() + client.get(page).content.decode()
    post(bureau, "claim_step", [claim.pk], day)


@pytest.mark.clause("JJ-5.4-3", "JJ-A11-2.3-1")
def test_spending_is_approved_by_another_and_audit_asks_about_it(cast, sign_in):
    row = budget(cast, "1000", item="work", payer="street")
    today = local_day(cast.now).isoformat()
    asker, other, audit = sign_in("street_office"), sign_in("street_government"), sign_in("audit")
    given = {"kind": "work", "amount_fen": "600", "text": "印制宣传册", "payee": "某印刷厂", "on": today}
    post(asker, "spend", [row.pk], given)
    expense = PublicExpense.objects.get()
    page = post(asker, "expense_step", [expense.pk], {"agreed": "yes", "opinion": ""}, status=422).content.decode()
    assert "不能是同一人" in page
    shown = asker.get(reverse("funds:expense", args=[expense.pk])).content.decode()
    assert "申请是您提的，“审批”要由另一个人办。可以请" in shown
    post(other, "expense_step", [expense.pk], {"agreed": "yes", "opinion": ""})
    assert "支付凭证" in post(asker, "expense_step", [expense.pk], {"on": today}, status=422).content.decode()
    assert "“审批”是您办的" in other.get(reverse("funds:expense", args=[expense.pk])).content.decode()
    own = post(other, "expense_step", [expense.pk], {"on": today, "voucher": picture()}, status=422)
    assert "“审批”是您办的，“支付”要由另一个人办" in own.content.decode()
    post(asker, "expense_step", [expense.pk], {"on": today, "voucher": picture()})
    shown = audit.get(reverse("funds:budgets")).content.decode()
    assert "印制宣传册" in shown
    assert audit.get(reverse("funds:spend", args=[row.pk])).status_code == 403, "audit only reads"
    post(audit, "doubt_new", ["public_expense", expense.pk], {"text": "数量与合同不符", "asked_of": "street_office"})
    doubt = Doubt.objects.get()
    post(asker, "doubt", [doubt.pk], {"reply": "已附补充协议"})
    post(audit, "doubt", [doubt.pk], {"version": 2})
    assert "已销号" in audit.get(reverse("funds:doubts")).content.decode()


@pytest.mark.clause("JJ-5.4-3")
def test_the_auditor_asks_about_a_use_of_the_maintenance_fund_and_claims_nothing_himself(cast, sign_in):
    endowed(cast, "100")
    committee(cast)
    use = proposed(cast)
    audit, street = sign_in("audit"), sign_in("street_office")
    page = reverse("funds:use", args=[use.pk])
    assert reverse("funds:doubt_new", args=["fund_use", use.pk]) in audit.get(page).content.decode()
    assert "标记疑点" not in street.get(page).content.decode()
    post(audit, "doubt_new", ["fund_use", use.pk], {"text": "预算没有报价单", "asked_of": "street_office"})
    assert "预算没有报价单" in street.get(page).content.decode() and "待说明" in street.get(page).content.decode()
    post(street, "doubt", [Doubt.objects.get().pk], {"reply": "已补报价单"})
    assert "已说明：已补报价单" in audit.get(page).content.decode()
    new = reverse("funds:claim_new")
    assert new not in audit.get(reverse("funds:claims")).content.decode()
    assert new in street.get(reverse("funds:claims")).content.decode()


@pytest.mark.clause("JJ-5.4-1", "JJ-5.4-2")
def test_what_is_published_everybody_sees_and_nothing_else(cast, sign_in):
    budget(cast, "1000", item="commercial_award")
    visitor = Client()
    url = reverse("funds:published", args=[cast.county.code])
    assert "还没有公开" in visitor.get(url).content.decode()
    post(sign_in("finance"), "publish_budgets", [], {"year": local_day(cast.now).year})
    page = visitor.get(url).content.decode()
    assert "商业小区考核奖励" in page and "1,000.00" in page
    assert visitor.get(reverse("funds:budgets")).status_code == 302
    for role in ("owner", "police", "project_manager"):
        assert sign_in(role).get(reverse("funds:budgets")).status_code in (403, 404), role
        assert sign_in(role).get(reverse("funds:budget", args=[Budget.objects.get().pk])).status_code == 404, role


def test_every_list_opens_for_whom_it_is(cast, sign_in):
    for role in ("housing", "leading_group_office", "street_office", "finance", "audit", "community_station"):
        client = sign_in(role)
        for name in ("claims", "claim_new", "budgets", "projects", "doubts", "policies"):
            assert client.get(reverse(f"funds:{name}")).status_code == 200, (role, name)
    for role in ("owner", "project_manager"):
        for name in ("claims", "claim_new", "policies", "doubts"):
            assert sign_in(role).get(reverse(f"funds:{name}")).status_code == 200, (role, name)
