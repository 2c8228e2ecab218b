"""The counter and its receipts, refunds by two people, the bank's deductions, the provider's bill of a day."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.days import local_day
from gongzhi.core.models import Event
from gongzhi.duties.models import Duty
from gongzhi.funds.charges import services as charges
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.charges.queries import advance_of
from gongzhi.funds.common import services as purses
from gongzhi.funds.common.models import BankLine
from gongzhi.funds.maintenance.tests.test_deposits import refuses
from gongzhi.funds.payments import queries
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import (
    ChannelDay,
    DeductionLine,
    PayIssue,
    PayOrder,
    Receipt,
    RefundRequest,
)
from gongzhi.funds.payments.tests import paying
from gongzhi.funds.payments.tests.paying import balances, bill, boss, channel, clerk, home, notice, ordered, told
from gongzhi.funds.payments.tests.provider import Provider
from gongzhi.registry.models import Project

DAY = timedelta(days=1)
REFUNDS = ("judge_refund", "pay_refund", "put_refund_right")


@pytest.fixture
def cast(db):
    return paying.made()


@pytest.fixture
def server(settings):
    made = Provider()
    settings.PAY_WECHAT_URL, settings.PAY_ALIPAY_URL = made.url, made.gateway
    yield made
    made.stop()


def at_counter(cast, unit, bills, fen, *, key="c1", **more):
    given = {"channel": "cash", "on": local_day(cast.now), "actor": clerk(cast), "now": cast.now, **more}
    return payments.take_at_counter(
        unit, project=paying.project_of(cast), bills=bills, amount_fen=fen, key=key, **given
    )


def paid_by_phone(cast, server, yuan="300.00", provider="wechat"):
    made = channel(cast, provider)
    order = ordered(cast, made, [bill(cast, home(cast), yuan)])
    server.pay(order.number)
    told(cast, made, notice(server, provider, order.number))
    order.refresh_from_db()
    return order


# --- the counter


def test_the_counter_gives_a_numbered_receipt_and_a_second_click_the_same(cast):
    unit = home(cast)
    owed = bill(cast, unit, "300.00")
    first, again = at_counter(cast, unit, [owed], 30_000), at_counter(cast, unit, [owed], 30_000)
    assert first == again and first.seq == 1 and first.amount_fen == 30_000
    other = at_counter(cast, unit, [bill(cast, unit, "5.00")], 500, key="c2", channel="pos", reference="POS77")
    assert other.seq == 2 and balances(cast)["bank"] == 500
    refuses("reference_missing", lambda: at_counter(cast, unit, [], 500, key="c3", channel="bank"))


def test_a_second_clerk_takes_nothing_for_what_the_first_has_taken(cast):
    unit = home(cast)
    owed = bill(cast, unit, "300.00")
    at_counter(cast, unit, [owed], 20_000)
    told = refuses("overpaid", lambda: at_counter(cast, unit, [owed], 30_000, key="c2"))
    assert "只差100.00元" in told.message
    at_counter(cast, unit, [owed], 15_000, key="c3", keep_rest=True)
    assert advance_of(unit, paying.title_of(unit), paying.project_of(cast)) == 5_000
    refuses("forbidden", lambda: at_counter(cast, unit, [owed], 1, key="c4", actor=cast.actor("street_office")))


def test_a_receipt_is_voided_with_a_reason_and_its_number_stays(cast):
    unit = home(cast)
    first = at_counter(cast, unit, [bill(cast, unit, "300.00")], 30_000)
    void = {"version": first.version, "actor": clerk(cast), "now": cast.now}
    refuses("reason_missing", lambda: payments.void_receipt(first, reason=" ", again=True, **void))
    second = payments.void_receipt(first, reason="抬头写错", again=True, **void)
    assert (second.seq, second.replaces, second.settlement) == (2, first, first.settlement)
    refuses(
        "receipt_void", lambda: payments.void_receipt(first, reason="再来", again=False, **{**void, "version": None})
    )
    assert queries.gaps(list(Receipt.objects.values_list("seq", flat=True))) == []
    pdf = payments.receipts_pdf(list(Receipt.objects.order_by("seq")), now=cast.now)
    assert pdf.startswith(b"%PDF") and payments.receipts_pdf([second], now=cast.now) != pdf


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (1, "壹分"), (10, "壹角整"), (100, "壹元整"), (12_345, "壹佰贰拾叁元肆角伍分"), (100_005, "壹仟元零伍分"),
        (1_000_000, "壹万元整"), (1_000_500, "壹万零伍元整"), (100_100_000, "壹佰万壹仟元整"),
        (10_000_000_000, "壹亿元整"), (20_300_040_050, "贰亿零叁佰万零肆佰元伍角整"),
    ],
)  # fmt: skip
def test_a_sum_in_words(fen, words):
    assert payments.in_words(fen) == words


def test_cash_goes_to_the_bank_on_a_slip_once_and_never_more_than_there_is(cast):
    unit, today = home(cast), local_day(cast.now)
    at_counter(cast, unit, [bill(cast, unit, "300.00")], 30_000)
    given = {"on": today, "slip": "JK001", "file": None, "key": "b1", "actor": clerk(cast), "now": cast.now}
    bank = lambda fen, **more: payments.bank_cash(paying.project_of(cast), amount_fen=fen, **{**given, **more})  # noqa: E731
    first = bank(20_000)
    assert bank(20_000) == first and (balances(cast)["cash"], balances(cast)["bank"]) == (10_000, 20_000)
    assert "100.00元" in refuses("no_cash", lambda: bank(10_001, slip="JK002", key="b2")).message
    refuses("no_cash", lambda: bank(1, on=today - timedelta(days=1), slip="JK002", key="b2"))
    refuses("slip_used", lambda: bank(10_000, key="b2"))
    refuses("slip_missing", lambda: bank(10_000, slip=" ", key="b2"))
    refuses("deposit_day", lambda: bank(10_000, on=today + timedelta(days=1), slip="JK002", key="b2"))
    refuses("forbidden", lambda: bank(10_000, slip="JK002", key="b2", actor=cast.actor("street_office")))
    bank(10_000, slip="JK002", key="b2")
    assert balances(cast)["cash"] == 0 and queries.cash_of(paying.project_of(cast), today) == 0
    assert Event.objects.filter(kind="payment.cash_banked").count() == 2


def test_a_company_that_comes_later_does_not_find_the_cash_of_the_one_before(cast):
    unit, today = home(cast), local_day(cast.now)
    at_counter(cast, unit, [bill(cast, unit, "300.00")], 30_000)
    before = paying.project_of(cast)
    Project.objects.filter(pk=before.pk).update(to_on=today - timedelta(days=1))
    after = Project.objects.create(
        estate=cast.estate, company=cast.organisation("property_company"), from_on=today, place_path=before.place_path
    )
    boxes = queries.cash_boxes([before, after], today)
    assert [(one.taken_fen, one.held_fen) for one in boxes] == [(30_000, 30_000), (0, 0)]
    given = {"on": today, "slip": "JK001", "file": None, "actor": clerk(cast), "now": cast.now}
    refuses("no_cash", lambda: payments.bank_cash(after, amount_fen=1, key="b1", **given))
    payments.bank_cash(before, amount_fen=30_000, key="b2", **given)
    assert [one.held_fen for one in queries.cash_boxes([before, after], today)] == [0, 0]


# --- refunds


def asked(cast, order, fen, **more):
    return payments.ask_refund(
        order.settlement, amount_fen=fen, how=more.pop("how", "back"), reason="多缴", actor=clerk(cast), now=cast.now
    )


def judged(cast, request, **more):
    given = {"agreed": True, "opinion": "", "version": request.version, "actor": boss(cast), "now": cast.now, **more}
    return payments.judge_refund(request, **given)


def test_a_refund_is_approved_by_somebody_else_paid_back_by_the_provider_and_posted_once(cast, server):
    order = paid_by_phone(cast, server)
    request = asked(cast, order, 10_000)
    refuses("refund_amount", lambda: asked(cast, order, 20_001))
    refuses("forbidden", lambda: judged(cast, request, actor=clerk(cast)))
    request = judged(cast, request)
    request = payments.send_refund(request, now=cast.now)
    assert request.state == "sent" and not Settlement.objects.filter(kind="refund").exists()
    payments.send_refund(request, now=cast.now)
    server.refunds[request.number].state, server.refunds[request.number].at = "SUCCESS", cast.now
    for _ in range(2):
        told(cast, order.channel, server.wechat_refund_notice(request.number))
    request.refresh_from_db()
    assert request.state == "done" and request.taken_back.amount_fen == 10_000
    assert Event.objects.filter(kind="refund.done").count() == 1 and len(server.refunds) == 1
    assert balances(cast)["transit.wechat"] == 20_000


@pytest.mark.clause("TL-41")
def test_a_refund_waits_on_the_companys_desk_to_be_approved_and_then_to_be_paid(cast, server):
    def waiting():
        rows = Duty.objects.filter(rule__in=REFUNDS, closed_at=None).select_related("owner_organisation")
        return [(one.rule, one.owner_organisation) for one in rows]

    company = paying.project_of(cast).company
    request = asked(cast, paid_by_phone(cast, server), 10_000, how="cash")
    assert waiting() == [("judge_refund", company)]
    assert "退款100.00元" in Duty.objects.get(rule="judge_refund").subject_title
    request = judged(cast, request)
    assert waiting() == [("pay_refund", company)]
    payments.pay_out(request, version=request.version, actor=clerk(cast), now=cast.now)
    assert waiting() == []


def test_his_own_refund_nobody_approves(cast, server):
    order = paid_by_phone(cast, server)
    request = payments.ask_refund(
        order.settlement, amount_fen=100, how="back", reason="多缴", actor=boss(cast), now=cast.now
    )
    assert "申请是您提的" in refuses("kept_apart", lambda: judged(cast, request)).message


def test_who_approved_a_refund_does_not_hand_it_out_and_reads_who_may(cast, sign_in):
    unit = home(cast)
    receipt = at_counter(cast, unit, [bill(cast, unit, "300.00")], 30_000)
    ask = {"amount_fen": 5_000, "how": "cash", "reason": "多收", "now": cast.now}
    request = judged(cast, payments.ask_refund(receipt.settlement, actor=clerk(cast), **ask))
    own = {"version": request.version, "now": cast.now}
    refused = refuses("kept_apart", lambda: payments.pay_out(request, actor=boss(cast), **own))
    asker = f"可以请{request.settlement.project.company.name} {request.asked_by.display_name}办"
    assert "“审批”是您办的，“付出退款”要由另一个人办" in refused.message and asker in refused.message
    url = reverse("funds:cashier", args=[request.settlement.project_id])
    page = sign_in("boss").get(url).content.decode()
    assert asker in page and "登记付出" not in page
    assert "登记付出" in sign_in("project_manager").get(url).content.decode()
    switched = core.ask("funds.apart_refund", {}, place_path=request.place_path, on=cast.now.date())
    assert switched.value == {"pay": ["approve"]}
    assert payments.pay_out(request, actor=clerk(cast), **own).state == "done"


def test_without_a_callback_the_worker_asks_after_a_refund_and_sends_again_what_never_arrived(cast, server):
    order = paid_by_phone(cast, server, provider="alipay")
    request = judged(cast, asked(cast, order, 30_000))
    server.down = True
    assert payments.send_refund(request, now=cast.now).state == "sent"
    server.down = False
    assert payments.look_after_refunds(cast.now + timedelta(minutes=6)) == 1
    request.refresh_from_db()
    assert request.state == "done" and balances(cast)["transit.alipay"] == 0


def test_a_refund_that_the_provider_refuses_is_told_to_a_person_and_posts_nothing(cast, server):
    order = paid_by_phone(cast, server)
    server.refuses_refund = True
    request = payments.send_refund(judged(cast, asked(cast, order, 10_000)), now=cast.now)
    assert (request.state, "余额不足" in request.said) == ("failed", True)
    assert PayIssue.objects.get().kind == "refund_failed" and balances(cast)["transit.wechat"] == 30_000


def test_what_was_taken_in_cash_goes_back_in_cash_after_approval(cast):
    unit = home(cast)
    receipt = at_counter(cast, unit, [bill(cast, unit, "300.00")], 30_000)
    ask = {"amount_fen": 5_000, "reason": "多收", "actor": clerk(cast), "now": cast.now}
    refuses("refund_how", lambda: payments.ask_refund(receipt.settlement, how="back", **ask))
    request = payments.ask_refund(receipt.settlement, how="cash", **ask)
    pay = lambda row: payments.pay_out(row, version=row.version, actor=clerk(cast), now=cast.now)  # noqa: E731
    refuses("refund_state", lambda: pay(request))
    boss(cast)
    assert pay(judged(cast, request)).state == "done" and balances(cast)["cash"] == 25_000
    refused = judged(cast, payments.ask_refund(receipt.settlement, how="cash", **ask), agreed=False, opinion="没有多收")
    assert refused.state == "refused" and RefundRequest.objects.filter(state="done").count() == 1


# --- the bank's deductions


def reply_of(batch, *results):
    lines = ["明细号,金额（元）,结果,原因"]
    for line, result in zip(batch.lines.order_by("pk"), results, strict=False):
        lines.append(f"{line.serial},{line.amount_fen / 100:.2f},{result},{'余额不足' if result == '失败' else ''}")
    return "\r\n".join(lines).encode("gb18030")


def test_the_bank_collects_by_file_and_its_answer_comes_in_once(cast):
    homes = paying.units(cast, "80", "90", "100")
    for number, unit in enumerate(homes):
        paying.owned(cast, unit, phone=f"1391234000{number}")
        payments.begin_mandate(
            unit, project=paying.project_of(cast), bank="某某银行", agreement=f"XY{number}", holder="陈建国",
            account=f"62220000000000{number}", from_on=local_day(cast.now), actor=clerk(cast), now=cast.now,
        )  # fmt: skip
    bills = [bill(cast, unit, "100.00") for unit in homes[:2]]
    batch = payments.make_batch(paying.project_of(cast), actor=clerk(cast), now=cast.now)
    assert (batch.count, batch.amount_fen) == (2, 20_000)
    text = payments.file_csv(batch).decode("gb18030")
    assert "622200000000000" in text and "陈建国" in text and "100.00" in text
    refuses("nothing_to_deduct", lambda: payments.make_batch(batch.project, actor=clerk(cast), now=cast.now))
    take = lambda content: payments.take_reply(  # noqa: E731
        batch, file=None, replies=payments.read_reply("回盘.csv", content), on=local_day(cast.now), actor=clerk(cast),
        now=cast.now,
    )  # fmt: skip
    first = take(reply_of(batch, "成功", "失败"))
    assert (first.paid, first.failed, first.batch.state) == (1, 1, "returned")
    again = take(reply_of(batch, "成功", "失败"))
    assert (again.paid, again.failed, again.known) == (0, 0, 2) and Settlement.objects.count() == 1
    assert [one.refresh_from_db() or one.open_fen for one in bills] == [0, 10_000]
    refuses("reply_differs", lambda: take(reply_of(batch, "失败", "失败")))
    refuses("reply_cells", lambda: take(reply_of(batch, "大概", "失败")))
    refuses("reply_differs", lambda: take(reply_of(batch, "成功").replace(b"100.00", b"99.00")))
    second = payments.make_batch(batch.project, actor=clerk(cast), now=cast.now)
    assert second.count == 1 and DeductionLine.objects.get(batch=second).unit == homes[1]
    assert balances(cast)["bank"] == 10_000
    row = payments.end_mandate(
        homes[0].mandates.get(), to_on=local_day(cast.now), version=None, actor=clerk(cast), now=cast.now
    )
    assert row.account_tail == "0000" and "6222" not in row.account_cipher


# --- the provider's bill of a day


def bill_row(order, fee=180, **more):
    given = {"transaction": order.transaction, "number": order.number, "refund": "", "fen": order.amount_fen, **more}
    return (given["transaction"], given["number"], given["refund"], given["fen"], fee, more.get("at", order.paid_at))


def yesterday(cast, order):
    """As if it had been paid the day before."""
    PayOrder.objects.filter(pk=order.pk).update(paid_at=cast.now - DAY)
    order.refresh_from_db()
    return local_day(cast.now) - DAY


@pytest.mark.parametrize("provider", ["wechat", "alipay"])
def test_a_day_that_agrees_goes_to_the_bank_net_of_the_fee_and_matches_the_banks_line(cast, server, provider):
    order = paid_by_phone(cast, server, provider=provider)
    on = yesterday(cast, order)
    server.bill[on.isoformat()] = [bill_row(order)]
    day = payments.fetch_day(order.channel, on=on, actor=clerk(cast), now=cast.now)
    assert (day.state, day.matched, day.paid_fen, day.fee_fen, day.net_fen) == ("agrees", 1, 30_000, 180, 29_820)
    given = purses.AccountInput(
        purse="service_charges", manager="company", bank="某某银行", holder="安居物业服务有限公司", number="6222001",
        from_on=on - DAY, contract_clause="第三条",
    )  # fmt: skip
    account = purses.register_account(cast.estate, given=given, actor=cast.actor("housing"), now=cast.now)
    transfer = {"arrived_on": local_day(cast.now), "actor": clerk(cast), "now": cast.now}
    day = payments.book_transfer(day, version=day.version, **transfer)
    refuses("day_transferred", lambda: payments.book_transfer(day, version=None, **transfer))
    refuses("day_transferred", lambda: payments.fetch_day(order.channel, on=on, actor=clerk(cast), now=cast.now))
    lines = balances(cast)
    assert (lines["bank"], lines["cost.channel"], lines[f"transit.{provider}"]) == (29_820, 180, 0)
    text = f"交易日期,贷方发生额,借方发生额,流水号\n{local_day(cast.now)},298.20,,YH1\n".encode()
    upload = SimpleUploadedFile("对账单.txt", text)
    file = core.store_file(upload, owner=account.ref, actor=cast.actor("housing"), now=cast.now)
    file.name = "对账单.csv"
    purses.import_statement(account, file=file, content=text, columns={}, actor=cast.actor("housing"), now=cast.now)
    assert BankLine.objects.get().entries.get() == day.entry


def test_what_differs_is_a_list_that_a_person_works_off_before_the_day_is_booked(cast, server):
    order = paid_by_phone(cast, server)
    on = yesterday(cast, order)
    at = order.paid_at
    server.bill[on.isoformat()] = [("42009", "SHOPORDER1", "", 700, 4, at)]
    day = payments.fetch_day(order.channel, on=on, actor=clerk(cast), now=cast.now)
    found = {one.kind: one for one in PayIssue.objects.all()}
    assert set(found) == {"theirs_only", "ours_only"} and day.state == "differs"
    assert found["theirs_only"].their_fen == 700 and found["ours_only"].our_fen == 30_000
    book = {"arrived_on": local_day(cast.now), "version": None, "actor": clerk(cast), "now": cast.now}
    refuses("day_differs", lambda: payments.book_transfer(day, **book))
    work = lambda row, **more: payments.work_off_issue(  # noqa: E731
        row, **{"how": "not_ours", "reason": "公司另一个门店的款", "version": row.version, "actor": clerk(cast),
                "now": cast.now, **more}
    )  # fmt: skip
    refuses("issue_reason", lambda: work(found["theirs_only"], reason=" "))
    work(found["theirs_only"])
    refuses("issue_done", lambda: work(found["theirs_only"], version=None))
    before = on - DAY
    server.bill[before.isoformat()] = [bill_row(order)]
    assert payments.fetch_day(order.channel, on=before, actor=clerk(cast), now=cast.now).state == "agrees"
    row = PayIssue.objects.get(kind="ours_only")
    assert (row.state, row.how) == ("done", "other_day")
    day.refresh_from_db()
    assert payments.settle_day(day, version=day.version, actor=clerk(cast), now=cast.now).state == "agrees"


def test_an_amount_that_differs_and_a_refund_are_found(cast, server):
    order = paid_by_phone(cast, server)
    request = payments.send_refund(judged(cast, asked(cast, order, 10_000)), now=cast.now)
    server.refunds[request.number].state, server.refunds[request.number].at = "SUCCESS", cast.now
    payments.look_after_refunds(cast.now + timedelta(minutes=6))
    on = yesterday(cast, order)
    RefundRequest.objects.update(done_at=cast.now - DAY)
    back = bill_row(order, refund=request.number, fen=10_000, fee=-60)
    server.bill[on.isoformat()] = [bill_row(order, fen=29_999), back]
    day = payments.fetch_day(order.channel, on=on, actor=clerk(cast), now=cast.now)
    assert [one.kind for one in PayIssue.objects.all()] == ["amount_differs"]
    server.bill[on.isoformat()] = [bill_row(order), back]
    day = payments.fetch_day(order.channel, on=on, actor=clerk(cast), now=cast.now)
    assert (day.state, day.paid_fen, day.refund_fen, day.fee_fen, day.net_fen) == (
        "agrees",
        30_000,
        10_000,
        120,
        19_880,
    )
    assert ChannelDay.objects.count() == 1


def test_money_that_only_the_bill_knows_comes_in_by_it(cast, server):
    made = channel(cast)
    owed = bill(cast, home(cast), "300.00")
    order = ordered(cast, made, [owed])
    paid = server.pay(order.number, at=cast.now.replace(microsecond=0) - DAY)
    PayOrder.objects.update(state="closed")
    on = local_day(cast.now) - DAY
    server.bill[on.isoformat()] = [(paid.transaction, order.number, "", 30_000, 180, paid.paid_at)]
    day = payments.fetch_day(made, on=on, actor=clerk(cast), now=cast.now)
    owed.refresh_from_db()
    assert (day.state, day.matched, owed.open_fen) == ("agrees", 1, 0)


def test_the_worker_fetches_every_day_that_is_missing_and_waits_for_one_that_is_not_there(cast, server):
    made = channel(cast)
    noon = cast.now.replace(hour=12)
    last = local_day(noon) - DAY
    server.bill[(last - DAY).isoformat()] = "later"
    payments.fetch_due(noon)
    assert made.days.order_by("-on").first().on == last - 2 * DAY
    del server.bill[(last - DAY).isoformat()]
    assert payments.fetch_due(noon) == 2 and payments.fetch_due(noon) == 0


def test_the_day_of_the_counter_adds_up(cast):
    unit = home(cast)
    at_counter(cast, unit, [bill(cast, unit, "300.00")], 30_000)
    paid = at_counter(cast, unit, [bill(cast, unit, "5.00")], 500, key="c2", channel="pos", reference="POS77")
    charges.reverse_settlement(
        paid.settlement, reason="刷错卡", on=local_day(cast.now), actor=clerk(cast), now=cast.now
    )
    rows = {one.channel: one for one in queries.taken_on(paying.project_of(cast), local_day(cast.now))}
    assert (rows["cash"].net_fen, rows["pos"].fen, rows["pos"].net_fen) == (30_000, 500, 0)
