"""The pages of payments: an owner's phone, the counter, reconciliation; the callback's door; who sees what."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from gongzhi.core.days import local_day
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.maintenance.tests.fund import PNG
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import DeductionBatch, PayChannel, PayIssue, PayOrder, Receipt, RefundRequest
from gongzhi.funds.payments.tests import paying
from gongzhi.funds.payments.tests import provider as fake
from gongzhi.funds.payments.tests.provider import Provider

PHONE_BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"


@pytest.fixture
def cast(db):
    return paying.made()


@pytest.fixture
def server(settings):
    made = Provider()
    settings.PAY_WECHAT_URL, settings.PAY_ALIPAY_URL = made.url, made.gateway
    yield made
    made.stop()


def text(response, status=200):
    assert response.status_code == status, response.content.decode().split("<main", 1)[-1][:1500]
    return response.content.decode()


def submit(client, url, data, status=303):
    page = text(client.get(url))
    key = page.split('name="form_key" value="')[1].split('"')[0]
    response = client.post(url, {"form_key": key, **data})
    assert response.status_code == status, response.content.decode().split("<main", 1)[-1][:2000]
    return response


def tell(url, given, **more):
    headers, body = given
    kind = headers.pop("Content-Type", "application/json")
    return Client(enforce_csrf_checks=True).post(url, body, content_type=kind, headers=headers, **more)


@pytest.mark.clause("MX-3.9.2-1")
def test_an_owner_pays_by_the_code_on_his_bill(cast, server):
    unit = paying.home(cast)
    owed, channel = paying.bill(cast, unit, "300.00"), paying.channel(cast)
    url = reverse("funds:pay_link", args=[payments.token_of(unit, now=cast.now)])
    client = Client()
    page = text(client.get(url))
    assert cast.estate.name in page and str(unit) not in page and "300.00" not in page and "陈" not in page
    assert "和登记的业主（承租人）手机号不一致" in text(client.post(url, {"tail": "0000"}), 422)
    assert client.post(url, {"tail": paying.TAIL}).status_code == 303
    page = text(client.get(url))
    assert str(unit) in page and "300.00" in page
    given = {"bills": [owed.pk], "channel": channel.pk}
    assert "请选要缴的账单" in text(client.post(url, {"channel": channel.pk}), 422)
    first = client.post(url, given, headers={"User-Agent": PHONE_BROWSER})
    assert first.status_code == 303 and client.post(url, given, headers={"User-Agent": PHONE_BROWSER}).url == first.url
    order = PayOrder.objects.get()
    assert order.way == "h5" and order.url in text(client.get(first.url))
    stranger = text(Client().get(first.url))
    assert "300.00" in stranger and str(unit) not in stranger and "陈" not in stranger
    server.pay(order.number)
    assert client.post(reverse("funds:pay_look", args=[order.number])).status_code == 303
    assert "已收到" in text(client.get(first.url)) and "没有待缴的账单" in text(client.get(url))
    assert text(Client().get(reverse("funds:pay_link", args=["x" * 32])), 404)


def test_a_signed_in_owner_sees_his_own_bills_alone_and_pays_by_code_on_a_desk(cast, server, sign_in):
    owner = cast.user("owner")
    owner.set_phone(paying.PHONE)
    owner.save()
    mine, other = paying.units(cast, "80", "90")
    paying.owned(cast, mine)
    paying.owned(cast, other, name="李四", phone="13700000000")
    bill, foreign = paying.bill(cast, mine, "300.00"), paying.bill(cast, other, "777.00")
    channel = paying.channel(cast)
    client, url = sign_in("owner"), reverse("funds:pay_own")
    page = text(client.get(url))
    assert "300.00" in page and "777.00" not in page
    text(client.post(url, {"bills": [foreign.pk], "channel": channel.pk}), 422)
    went = client.post(url, {"bills": [bill.pk], "channel": channel.pk})
    assert went.status_code == 303 and "付款二维码" in text(client.get(went.url))
    owner.set_phone("13611112222")
    owner.save()
    assert "没有找到您名下的房屋" in text(sign_in("owner").get(url))


def test_a_stand_in_is_labelled_and_real_orders_have_no_such_button(cast, server):
    unit = paying.home(cast)
    owed, channel = paying.bill(cast, unit, "300.00"), paying.channel(cast)
    order = paying.ordered(cast, channel, [owed])
    assert text(Client().post(reverse("funds:pay_pretend", args=[order.number])), 404)
    PayChannel.objects.update(stand_in=True, demo=True)
    page = text(Client().get(reverse("funds:pay_order", args=[order.number])))
    assert "演示渠道" in page and "不会扣款" in page
    Client().post(reverse("funds:pay_pretend", args=[order.number]))
    owed.refresh_from_db()
    assert owed.open_fen == 0


def test_the_callbacks_door(cast, server):
    unit = paying.home(cast)
    channel = paying.channel(cast, "alipay")
    order = paying.ordered(cast, channel, [paying.bill(cast, unit, "300.00")])
    server.pay(order.number)
    url = reverse("pay_notice", args=[channel.handle])
    assert server.orders[order.number].notify == f"https://gz.example.cn{url}"
    assert text(tell(url, server.alipay_notice(order.number, made=fake.key("stranger")))) == "fail"
    assert text(tell(url, server.alipay_notice(order.number))) == "success"
    assert text(tell(url, server.alipay_notice(order.number))) == "success"
    assert Settlement.objects.count() == 1
    assert tell(url, ({}, b"x" * 40_000)).status_code == 413
    assert Client().get(url).status_code == 405
    assert tell(reverse("pay_notice", args=["nobody"]), ({}, b"{}")).status_code == 404
    heard = [tell(url, ({}, b"{}"), REMOTE_ADDR="203.0.113.9").status_code for _ in range(40)]
    assert heard[0] == 200 and heard[-1] == 429, "a stranger is not listened to for ever"
    assert text(tell(url, server.alipay_notice(order.number))) == "success", "others are heard"


def test_wechat_hears_its_own_words(cast, server):
    channel = paying.channel(cast)
    order = paying.ordered(cast, channel, [paying.bill(cast, paying.home(cast), "300.00")])
    server.pay(order.number)
    url = reverse("pay_notice", args=[channel.handle])
    forged = tell(url, server.wechat_notice(order.number, made=fake.key("stranger")))
    assert forged.status_code == 401 and forged.json()["code"] == "FAIL"
    assert text(tell(url, server.wechat_notice(order.number))) == ""
    assert PayOrder.objects.get().state == "paid"


def test_the_counter_from_search_to_receipt_refund_and_void(cast, sign_in):
    unit, project = paying.home(cast), paying.project_of(cast)
    owed = paying.bill(cast, unit, "300.00")
    client, home = sign_in("project_manager"), reverse("funds:cashier", args=[project.pk])
    for words in (str(unit), "001", owed.number):
        assert reverse("funds:till", args=[project.pk, unit.pk]) in text(client.get(home, {"q": words}))
    till = reverse("funds:till", args=[project.pk, unit.pk])
    assert "手机缴费码" in text(client.get(till))
    given = {"bills": [owed.pk], "amount_fen": "300.00", "channel": "cash", "on": local_day(cast.now).isoformat()}
    stale = submit(client, till, {**given, "amount_fen": "301.00"}, status=422).content.decode()
    assert "只差300.00元" in stale and "301.00" in stale
    went = submit(client, till, given)
    receipt = Receipt.objects.get()
    assert went.url == reverse("funds:receipt", args=[receipt.pk])
    assert "叁佰元整" in text(client.get(went.url))
    pdf = client.get(went.url, {"as": "pdf"})
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    bank = reverse("funds:bank_cash", args=[project.pk])
    assert bank in text(client.get(home)) and 'value="300.00"' in text(client.get(bank))
    slip = {"amount_fen": "250.00", "on": given["on"], "slip": "JK001"}
    too_much = submit(client, bank, {**slip, "amount_fen": "300.01"}, status=422).content.decode()
    assert "最多300.00" in too_much and "JK001" in too_much
    submit(client, bank, {**slip, "file": SimpleUploadedFile("单.png", PNG)})
    shown = text(client.get(home))
    assert "缴款单JK001" in shown and "<strong>50.00元</strong>" in shown
    submit(client, reverse("funds:ask_refund", args=[receipt.settlement_id]),
           {"amount_fen": "50.00", "how": "cash", "reason": "多收"})  # fmt: skip
    request = RefundRequest.objects.get()
    judge = reverse("funds:judge_refund", args=[request.pk])
    assert client.get(judge).status_code == 403
    paying.boss(cast)
    submit(sign_in("boss"), judge, {"agreed": "yes", "version": request.version})
    assert "登记付出" in text(client.get(home))
    submit(client, judge, {"version": request.version + 1})
    assert RefundRequest.objects.get().state == "done"
    submit(client, reverse("funds:void_receipt", args=[receipt.pk]), {"reason": "写错", "again": "on"})
    assert "已作废" in text(client.get(home)) and Receipt.objects.count() == 2


def test_deductions_by_their_pages(cast, sign_in):
    unit, project = paying.home(cast), paying.project_of(cast)
    paying.bill(cast, unit, "300.00")
    client, home = sign_in("project_manager"), reverse("funds:deductions", args=[project.pk])
    given = {
        "unit": unit.pk, "bank": "某某银行", "agreement": "XY1", "holder": "陈建国", "account": "6222000011112222",
        "from_on": local_day(cast.now).isoformat(),
    }  # fmt: skip
    submit(client, reverse("funds:mandate", args=[project.pk]), given)
    page = text(client.get(home))
    assert "尾号2222" in page and "62220000" not in page
    submit(client, reverse("funds:make_batch", args=[project.pk]), {})
    batch = DeductionBatch.objects.get()
    content = client.get(reverse("funds:batch_file", args=[batch.pk])).content.decode("gb18030")
    serial = batch.lines.get().serial
    assert serial in content and "6222000011112222" in content
    reply = SimpleUploadedFile("回盘.csv", f"明细号,金额,结果\n{serial},300.00,成功\n".encode("gb18030"))
    submit(client, reverse("funds:batch_reply", args=[batch.pk]), {"file": reply, "on": given["from_on"]})
    assert "已回盘" in text(client.get(home))
    submit(client, reverse("funds:end_mandate", args=[unit.mandates.get().pk]), {"version": 1})
    assert "还没有登记" in text(client.get(home))


def test_channels_days_and_issues_by_their_pages_for_the_company_and_the_auditor(cast, server, sign_in):
    project, on = paying.project_of(cast), local_day(cast.now)
    paying.boss(cast)
    company, home = sign_in("boss"), reverse("funds:reconcile", args=[project.pk])
    new = reverse("funds:channel_new", args=[project.pk, "wechat"])
    keys = {"merchant": fake.MCHID, "app": fake.APPID, "from_on": (on - timedelta(days=9)).isoformat()}
    page = submit(company, new, {**keys, **fake.wechat_keys(private_key="nonsense")}, status=422).content.decode()
    assert "密钥看不懂" in page and fake.MCHID in page
    submit(company, new, {**keys, **fake.wechat_keys()})
    channel = PayChannel.objects.get()
    order = paying.ordered(cast, channel, [paying.bill(cast, paying.home(cast), "300.00")])
    server.pay(order.number)
    paying.told(cast, channel, server.wechat_notice(order.number))
    PayOrder.objects.update(paid_at=cast.now - timedelta(days=1))
    before = on - timedelta(days=1)
    paid = server.orders[order.number]
    server.bill[before.isoformat()] = [
        (paid.transaction, order.number, "", 30_000, 180, cast.now - timedelta(days=1)),
        ("42009", "SHOPORDER1", "", 700, 4, cast.now - timedelta(days=1)),
    ]
    fetch = reverse("funds:channel_fetch", args=[channel.pk])
    assert text(company.get(fetch))
    went = company.post(fetch, {"on": before.isoformat()})
    assert went.status_code == 303 and "SHOPORDER1" in text(company.get(went.url))
    assert "请选今天以前" in text(company.post(fetch, {"on": on.isoformat()}), 422)
    issue = PayIssue.objects.get()
    transfer = reverse("funds:channel_transfer", args=[channel.days.get().pk])
    given = {"arrived_on": on.isoformat()}
    assert "疑点" in submit(company, transfer, given, status=422).content.decode()
    submit(
        company, reverse("funds:pay_issue", args=[issue.pk]), {"how": "not_ours", "reason": "另一门店", "version": 1}
    )
    submit(company, transfer, given)
    assert "298.20" in text(company.get(home)) and "另一门店" in text(company.get(home))
    for role in ("housing", "street_office"):
        watcher = sign_in(role)
        assert "298.20" in text(watcher.get(home)) and text(watcher.get(went.url))
        assert text(watcher.get(reverse("funds:cashier", args=[project.pk])))
        assert watcher.get(new).status_code == watcher.get(transfer).status_code == 403
        assert project.estate.name in text(watcher.get(reverse("funds:pay_projects")))
    for role in ("owner", "street_office@2"):
        assert text(sign_in(role).get(home), 404)
    submit(company, reverse("funds:channel_end", args=[channel.pk]), {"version": 1})
    assert PayChannel.objects.get().to_on == on


def test_whoever_paid_reads_and_prints_his_receipt_and_nobody_elses(cast, server, sign_in):
    owner = cast.user("owner")
    owner.set_phone(paying.PHONE)
    owner.save()
    mine, other = paying.units(cast, "80", "90")
    paying.owned(cast, mine)
    paying.owned(cast, other, name="李四", phone="13700000000")
    channel = paying.channel(cast)
    PayChannel.objects.update(stand_in=True, demo=True)
    for unit, yuan in ((mine, "300.00"), (other, "777.00")):
        order = paying.ordered(cast, channel, [paying.bill(cast, unit, yuan)])
        Client().post(reverse("funds:pay_pretend", args=[order.number]))
    own, foreign = (Receipt.objects.get(settlement__unit=unit) for unit in (mine, other))
    client = sign_in("owner")
    page = text(client.get(reverse("funds:own_account")))
    assert f"收据{own.number}</a>" in page and foreign.number not in page
    paid = page.split('id="h-old"')[1].split("</section>")[0]
    assert own.settlement.allocations.get().bill.get_kind_display() in paid, "a late charge is not taken for the fee"
    printed = client.get(reverse("funds:receipt", args=[own.pk]))
    assert printed["Content-Type"] == "application/pdf" and printed.content.startswith(b"%PDF")
    assert text(client.get(reverse("funds:receipt", args=[foreign.pk])), 404)
    assert text(client.get(reverse("funds:void_receipt", args=[own.pk])), 404)
