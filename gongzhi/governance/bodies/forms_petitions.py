"""Owners who ask together: signatures one by one, a whole list, one taken off. The meetings that are owed then."""

from gongzhi.core.forms import VersionedForm
from gongzhi.governance.bodies.forms import pick
from gongzhi.governance.bodies.words import CONVENERS, PETITION_KINDS
from gongzhi.registry.forms import Day, Papers, choice, line, words

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


class PetitionForm(VersionedForm):
    kind = choice("请求", PETITION_KINDS)
    member = pick("罢免哪位委员", required=False)
    matter = words("事项和理由")
    opened_on = Day(label="收到日期")


class UrgeForm(VersionedForm):
    until_on = Day(label="催告期限")


class RefuseMeetingForm(VersionedForm):
    why = words("拒绝的理由", help_text="业主看得到，不写个人姓名；代召集人登记的照答复写，口头的写明场合")
    refused_on = Day(label="答复日期")
    papers = Papers(label="书面答复", required=False, help_text="答复的照片、扫描件；口头答复的传记录")


class ConvenerForm(VersionedForm):
    convener = choice("改由谁召集", CONVENERS)


class HoldForm(VersionedForm):
    held_on = Day(label="召开日期")
    passed = choice("表决结果", {"yes": "通过", "no": "不通过"})
    result = words("结果说明")
