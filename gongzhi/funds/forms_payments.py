"""What is typed about payments. Whether it may be done the services say."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from gongzhi.core.forms import RefusalForm, VersionedForm
from gongzhi.funds.forms import Day, Yuan, choice, line, upload, words
from gongzhi.funds.payments.services import KEYS, OPTIONAL
from gongzhi.funds.payments.words import COUNTER, HOWS, REFUND_HOWS
from gongzhi.registry.models import Unit

TAIL = 4
LONGEST_KEY = 6000
LONG_KEYS = ("private_key", "public_key", "alipay_public_key")


class TailForm(RefusalForm, forms.Form):
    tail = forms.RegexField(
        r"^\d{4}$",
        label="业主手机号的后四位",
        error_messages={"required": "请填后四位", "invalid": "请填四位数字"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": TAIL}),
    )


class PayForm(RefusalForm, forms.Form):
    """Which bills, over which channel; both lists are what the payer may choose from."""

    bills = forms.MultipleChoiceField(
        label="要缴的账单", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请选要缴的账单"}
    )
    channel = forms.ChoiceField(label="付款方式", error_messages={"required": "请选付款方式"})

    def __init__(self, *args: Any, bills: Sequence[Any], channels: Sequence[Any], **given: Any) -> None:
        super().__init__(*args, **given)
        fields: Any = self.fields
        fields["bills"].choices = [(str(one.pk), str(one)) for one in bills]
        fields["channel"].choices = [(str(one.pk), one.get_provider_display()) for one in channels]


class TillForm(VersionedForm):
    bills = forms.MultipleChoiceField(
        label="收哪些账单", required=False, widget=forms.CheckboxSelectMultiple, help_text="不选即全部作为预存"
    )
    amount_fen = Yuan("实收金额")
    channel = choice("收款方式", COUNTER)
    on = Day(label="收款日期")
    reference = line("流水号", longest=80, required=False, help_text="刷卡填POS参考号，转账填银行流水号")
    keep_rest = forms.BooleanField(label="余款留作预存", required=False)

    def offer(self, bills: Mapping[int, str]) -> None:
        fields: Any = self.fields
        fields["bills"].choices = [(str(pk), text) for pk, text in bills.items()]


class CashForm(VersionedForm):
    amount_fen = Yuan("存入金额")
    on = Day(label="存入日期")
    slip = line("银行缴款单号", longest=64)
    file = upload("缴款单", required=False)


class VoidForm(VersionedForm):
    reason = line("作废原因", longest=200)
    again = forms.BooleanField(label="同时换开一张", required=False, initial=True)


class RefundForm(VersionedForm):
    amount_fen = Yuan("退款金额")
    how = choice("退款方式", REFUND_HOWS)
    reason = line("原因", longest=200)

    def __init__(self, *args: Any, by_phone: bool, **given: Any) -> None:
        """Back the way it came goes only what was paid by phone."""
        super().__init__(*args, **given)
        if not by_phone:
            how: Any = self.fields["how"]
            how.choices = [one for one in how.choices if one[0] != "back"]


class JudgeForm(VersionedForm):
    agreed = choice("意见", {"yes": "同意退款", "no": "不同意"})
    opinion = line("理由", longest=200, required=False, help_text="不同意的必填")


class IssueForm(VersionedForm):
    how = choice("处理结果", HOWS)
    reason = words("核实的情况")


class TransferForm(VersionedForm):
    arrived_on = Day(label="到账日期")


class FetchForm(VersionedForm):
    on = Day(label="账单日期")


class ChannelForm(VersionedForm):
    """Merchant, application and the keys of one provider. What was typed as a key is never shown again."""

    merchant = line("商户号", longest=40, help_text="支付宝填收款账号的PID（2088开头）")
    app = line("应用编号", longest=40, help_text="微信填APPID，支付宝填应用APPID")
    from_on = Day(label="启用日期")

    def __init__(self, *args: Any, provider: str, **given: Any) -> None:
        super().__init__(*args, **given)
        for name, title in KEYS[provider].items():
            more = {"widget": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})} if name in LONG_KEYS else {}
            required = name not in OPTIONAL
            self.fields[name] = line(title, longest=LONGEST_KEY, required=required, **more)


class MandateForm(VersionedForm):
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="房屋", empty_label="请选", error_messages={"required": "请选房屋"}
    )
    bank = line("开户行")
    agreement = line("协议号", longest=64)
    holder = line("户名")
    account = line("账号", longest=40)
    from_on = Day(label="授权起")


class ReplyForm(VersionedForm):
    file = upload("回盘文件", help_text="银行返回的CSV或Excel，要有明细号、金额、结果三列")
    on = Day(label="扣款日期")
