"""Owners who ask together: signatures one by one, a whole list, one taken off."""

from gongzhi.core.forms import VersionedForm
from gongzhi.governance.bodies.forms import pick
from gongzhi.registry.forms import Day, Papers, line, words

LONGEST_LIST = 200_000


class SignatureForm(VersionedForm):
    unit = pick("房屋")
    name = line("签名人姓名", longest=60)
    id_number = line("证件号", longest=30, required=False, help_text="名册里有证件号的，按证件号核对")
    signed_on = Day(label="签名日期")


class SignaturesForm(VersionedForm):
    lines = words(
        "签名名单", longest=LONGEST_LIST,
        help_text="一行一户：房号 姓名 证件号（没有可不写），可以从Excel粘贴。例如 1幢001室 王某",
    )  # fmt: skip
    signed_on = Day(label="签名日期")
    papers = Papers(label="签名原件", required=False, help_text="签名页的照片或扫描件")


class WithdrawForm(VersionedForm):
    signature = pick("哪一户的签名")
    reason = line("原因", longest=200, help_text="如：录入有误，重新登记；业主本人撤回")
