"""What is typed about a mediation. Whether it may be done the services say."""

from decimal import Decimal
from typing import Any

from django import forms

from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Organisation, Place
from gongzhi.mediation.models import MediationParty, Mediator
from gongzhi.mediation.words import (
    ADOPTED,
    BODY_LEVELS,
    CONFIRMATIONS,
    CONSENT_WAYS,
    GRADES,
    GUIDANCE_KINDS,
    MEDIATION_KINDS,
    MOVES,
    PARTY_KINDS,
    PERFORMED,
    SIGNED_WAYS,
    TRIBUNALS,
)
from gongzhi.registry.forms import Day, choice, line, words
from gongzhi.registry.models import Estate

MINUTE_FORMAT = "%Y-%m-%dT%H:%M"
FEN = 100


def pick(label: str, queryset: Any, *, many: bool = False, **given: Any) -> Any:
    """One of the rows, or several by ticking."""
    errors = {"required": f"请选{label}"}
    if many:
        return forms.ModelMultipleChoiceField(
            queryset, label=label, widget=forms.CheckboxSelectMultiple, error_messages=errors, **given
        )
    return forms.ModelChoiceField(queryset, label=label, empty_label="请选", error_messages=errors, **given)


def moment(label: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE_FORMAT),
        input_formats=[MINUTE_FORMAT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "时间请写成“2022-05-05 09:30”这样", "required": "请填时间"},
    )


OWN_NAME = "就是您自己，或者是本小区的物业企业、业委会的，不用填"
KNOWN_NAME = "是本小区的物业企业、业委会的，不用填"


class ApplyForm(VersionedForm):
    """Who applies is the one signed in, unless an office takes it down for somebody."""

    source = choice("怎么来的", {"applied": "当事人来申请，代为登记", "found": "排查发现，当事人没有申请"})
    matter = forms.ChoiceField(label="纠纷类别", error_messages={"required": "请选纠纷类别"})
    text = words("纠纷情况和请求")
    applicant_kind = choice("申请人是", PARTY_KINDS)
    applicant_name = line("申请人姓名（名称）", longest=60, required=False, help_text=OWN_NAME)
    applicant_phone = line("申请人电话", longest=20, required=False)
    respondent_kind = choice("和谁的纠纷", PARTY_KINDS, initial="property_company")
    respondent_name = line("对方姓名（名称）", longest=60, required=False, help_text=KNOWN_NAME)
    respondent_phone = line("对方电话", longest=20, required=False, help_text="调解组织用来联系对方")
    grade = forms.ChoiceField(
        label="轻重", choices=[("", "不填"), *GRADES.items()], required=False, help_text="有的地方按轻重定由哪一级调解"
    )
    households = forms.IntegerField(label="涉及户数", min_value=1, required=False)
    amount = forms.DecimalField(
        label="涉及金额（元）", min_value=Decimal("0.01"), decimal_places=2, max_digits=14, required=False
    )
    petition = forms.BooleanField(label="有群体上访苗头", required=False)
    conference = forms.BooleanField(
        label="提请联席会议", required=False, help_text="自动列入下次会议的议题；有结论以前不能办结"
    )
    outside = pick("请行业组织调解", Organisation.objects.none(), required=False)
    court_number = line("法院案号", longest=80, required=False)
    eased = line("已当场化解的，写怎样化解", longest=200, required=False, help_text="填了就直接归档，不再受理")

    def amount_fen(self) -> int | None:
        amount = self.cleaned_data.get("amount")
        return int(amount * FEN) if amount is not None else None


class PartyForm(VersionedForm):
    party = pick("当事人", MediationParty.objects.none())


class ConsentForm(PartyForm):
    agrees = choice("是否同意调解", {"yes": "同意", "no": "不同意"})
    how = choice("怎样表示", CONSENT_WAYS, initial="online")


class SignForm(PartyForm):
    how = choice("怎样签收", SIGNED_WAYS, initial="online")


class PlainForm(VersionedForm):
    """Nothing to type: the button is the act."""


class ReasonForm(VersionedForm):
    reason = words("理由")


class AppointForm(VersionedForm):
    mediators = pick("调解员", Mediator.objects.none(), many=True)


class RecuseForm(VersionedForm):
    mediator = pick("调解员", Mediator.objects.none())
    reason = line("利害关系", longest=200)


class SessionForm(VersionedForm):
    held_at = moment("时间")
    location = line("地点", longest=200)
    attended = line("到场的人", longest=200)
    content = words("调解情况")


class MoveForm(VersionedForm):
    way = choice("怎样移转", MOVES)
    kind = forms.ChoiceField(label="哪种调解", choices=[("", "不变"), *MEDIATION_KINDS.items()], required=False)
    to = pick("转给谁", Organisation.objects.none(), required=False)
    reason = words("理由")


class WeighForm(VersionedForm):
    grade = choice("轻重", GRADES)
    found_at = moment("什么时候发现的")
    reason = words("认定的理由", help_text="涉及多少户、多少金额、有没有群体上访")


class HelpForm(VersionedForm):
    organisation = pick("请谁协助", Organisation.objects.none())


class OpinionForm(VersionedForm):
    text = words("意见")


class AgreeForm(VersionedForm):
    terms = words("协议内容")
    agreed_on = Day(label="达成日期")
    perform_by = Day(label="履行期限", required=False)


class VisitForm(VersionedForm):
    on = Day(label="回访日期")
    performed = choice("履行情况", PERFORMED)
    text = words("情况", required=False)


class ConfirmForm(VersionedForm):
    state = choice("司法确认", CONFIRMATIONS)
    on = Day(label="日期")
    number = line("案号", longest=80, required=False)


class CourtForm(VersionedForm):
    tribunal = choice("受理法庭", TRIBUNALS)
    number = line("案号", longest=80)
    green_channel = forms.BooleanField(label="绿色通道", required=False)
    hearing_on = Day(label="开庭日期", required=False)
    estate = pick("在哪个小区开庭", Estate.objects.none(), required=False)
    location = line("开庭地点", longest=200, required=False)
    judgment = words("裁判结果", required=False)


class PutForm(VersionedForm):
    reason = words("为什么提请", help_text="写清分歧在哪里、要会议定什么")


class MeasureForm(VersionedForm):
    measure = words("处置措施")
    person = line("责任人", longest=60, help_text="姓名和单位，例如“社区 王五”")


class ConclusionForm(VersionedForm):
    conclusion = words("会议结论")


class ConferenceForm(VersionedForm):
    held_on = Day(label="召开日期")
    attended = line("到会的单位和人", longest=300)


class BodyForm(VersionedForm):
    kind = choice("哪一级", BODY_LEVELS)
    place = pick("设在哪里", Place.objects.none())
    name = line("名称", longest=60, required=False, help_text="不填的按地名和级别取")
    formed_on = Day(label="设立日期")
    address = line("办公场所", longest=200, required=False)
    phone = line("电话", longest=20, required=False)
    head_name = line("负责人姓名", longest=60, required=False)
    head_title = line("负责人职务", longest=60, required=False, help_text="不填的按文件写的职务")
    head_basis = line("任职依据", longest=200, required=False, help_text="职务和文件写的不同的，写批准的文件")


class MediatorForm(VersionedForm):
    name = line("姓名", longest=60)
    phone = line("电话", longest=20, required=False)
    full_time = forms.BooleanField(label="专职", required=False)
    unit_name = line("所在单位", required=False)
    line = line("来源条线", longest=60, required=False)
    qualification = words("资历说明", required=False)
    hired_on = Day(label="选聘日期", required=False)
    from_on = Day(label="自哪一天起")


class TrainForm(VersionedForm):
    mediators = pick("参加的调解员", Mediator.objects.none(), many=True)
    title = line("培训内容", longest=120)
    on = Day(label="培训日期")


class GuideForm(VersionedForm):
    kind = choice("类别", GUIDANCE_KINDS)
    body = pick("给哪个调解组织", None, required=False)
    title = line("标题", longest=120)
    text = words("内容")
    on = Day(label="日期")
    adopted = forms.ChoiceField(label="采纳", choices=[("", "不填"), *ADOPTED.items()], required=False)
    numbers = line(
        "关于哪些调解案件", longest=200, required=False, help_text="研判会、典型案例用；写案件编号，几件的用空格分开"
    )
    attachment = forms.FileField(label="附件", required=False, help_text="文书模板、课件等，一个")
    publish = forms.BooleanField(label="向社会公开（典型案例、法规宣传）", required=False)

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        from gongzhi.governance.bodies.models import Body

        self.fields["body"].queryset = Body.objects.none()  # type: ignore[attr-defined]


class CircuitForm(VersionedForm):
    estate = pick("小区", Estate.objects.none())
    tribunal = choice("法庭", TRIBUNALS, initial="circuit")
    on = Day(label="日期")
    location = line("地点", longest=200)
    cause = line("案由", longest=200)
