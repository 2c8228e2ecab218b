"""What is typed about notices of committees."""

from django import forms

from gongzhi.core.forms import VersionedForm
from gongzhi.governance.bodies.words import NOTICE_KINDS
from gongzhi.registry.forms import Day, choice, line, words


class NoticeForm(VersionedForm):
    kind = choice("公告类别", NOTICE_KINDS)
    title = line("标题")
    text = forms.CharField(
        label="内容", max_length=8000, widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": "请填内容", "max_length": "最多8000个字"},
    )  # fmt: skip
    until_on = Day(label="公示到哪一天", required=False, help_text="文件没有规定至少公示多久的，必须填")
    file = forms.FileField(label="附件", required=False)
    photo = forms.FileField(label="张贴照片", required=False, help_text="张贴以后也可以再补")
    about = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    ask_street = forms.BooleanField(
        label="有须核实的字样的，先请街道核实再发布", required=False,
        help_text="例如劝业主不要拒交的公告；不勾选的直接退回修改",
    )  # fmt: skip


class PhotoForm(VersionedForm):
    photo = forms.FileField(label="张贴照片", error_messages={"required": "请选照片"})


class VerifyNoticeForm(VersionedForm):
    lawful = choice("核实结果", {"yes": "可以发布", "no": "不予发布"})
    reason = line("理由", longest=200, required=False, help_text="不予发布的必填，业委会能看到")


class TakeDownForm(VersionedForm):
    reason = line("撤下的原因", longest=200, help_text="看过公告的业主都能看到")


class ObjectionForm(VersionedForm):
    text = words("异议")


class WithholdingForm(VersionedForm):
    text = words("什么时候、用什么办法要求业主拒交或缓交物业费")
    file = forms.FileField(label="照片、截图", required=False)


class SettleReportForm(VersionedForm):
    confirmed = choice("结论", {"yes": "属实（采纳）", "no": "不属实（不采纳）"})
    text = words("答复、核实情况")
