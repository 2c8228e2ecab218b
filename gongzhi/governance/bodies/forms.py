"""What is typed about bodies. Whether it may be done the services say."""

from typing import Any

from django import forms

from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Organisation
from gongzhi.governance.bodies.models import Candidate, Member, RepresentativeMeeting
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.governance.bodies.words import (
    ADVICE_KINDS,
    ANSWERED_KINDS,
    ASSET_KINDS,
    ATTRIBUTES,
    BODY_KINDS,
    CHANGE_KINDS,
    CHARGE_OUTCOMES,
    CLASSES,
    CONCLUSIONS,
    CORRECTION_KINDS,
    END_REASONS,
    LIST_KINDS,
    OF_PLACES,
    OWNERS_MATTERS,
    PARTY_GROUP_STATES,
    POSTS,
    REVIEW_RESULTS,
    SERVICE_WAYS,
    SIDES,
    SOURCES,
    STEPS,
    TEXT_KINDS,
    TRIGGERS,
)
from gongzhi.registry.forms import Day, Papers, choice, line, words
from gongzhi.registry.models import Building, Unit

SEAT_PARTS = 6
BY_REGISTERING = ("four_party_group", "coordination", "party_alliance", "building_stewards", "owners_assembly")
SEAT_HELP = (
    "一人一行，用空格隔开：代表方 职务 姓名 单位 单位职务 身份；没有的写-。"
    "例如　业主代表 委员 王某 - - 中共党员　或　镇街（园区） 主任 李某 街道办事处 副主任 -"
)
_POST_WORDS = {
    "主任": "head",
    "组长": "head",
    "副主任": "deputy",
    "副组长": "deputy",
    "委员": "member",
    "成员": "member",
}
_AS_SHOWN = {shown: code for code, shown in POSTS.items()}


def pick(label: str, queryset: Any = None, **given: Any) -> forms.ModelChoiceField:
    rows = queryset if queryset is not None else Unit.objects.none()
    return forms.ModelChoiceField(
        rows, label=label, empty_label="请选", error_messages={"required": f"请选{label}"}, **given
    )


def many(label: str, listed: dict[str, str], **given: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(listed.items()), widget=forms.CheckboxSelectMultiple, required=False, **given
    )


def _subset(listed: dict[str, str], names: Any) -> dict[str, str]:
    return {name: listed[name] for name in names}


class EmptyForm(VersionedForm):
    """Nothing to type: only the confirmation."""


class SeatsField(forms.CharField):
    """Seats as lines; each becomes a SeatInput."""

    def __init__(self, **given: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 9})
        super().__init__(label="成员", widget=widget, help_text=SEAT_HELP, max_length=8000, **given)

    def clean(self, value: Any) -> Any:
        found = []
        for number, text in enumerate(str(super().clean(value)).splitlines(), start=1):
            if text.strip():
                found.append(_seat(text, number))
        return found


def _seat(text: str, number: int) -> SeatInput:
    parts = ["" if one == "-" else one for one in text.split()]
    if len(parts) > SEAT_PARTS:
        raise forms.ValidationError(f"第{number}行最多六样")
    side, post, name, unit, title, attributes = (*parts, *[""] * SEAT_PARTS)[:SEAT_PARTS]
    sides = {words_: code for code, words_ in SIDES.items()}
    labels = {words_: code for code, words_ in ATTRIBUTES.items()}
    if side not in sides:
        raise forms.ValidationError(f"第{number}行的代表方“{side}”不认识，可写：{'、'.join(sides)}")
    if post and post not in {**_POST_WORDS, **_AS_SHOWN}:
        raise forms.ValidationError(f"第{number}行的职务“{post}”不认识，可写：{'、'.join(_POST_WORDS)}")
    given = [one for one in attributes.split("、") if one]
    unknown = [one for one in given if one not in labels]
    if unknown:
        raise forms.ValidationError(f"第{number}行的身份“{unknown[0]}”不认识，可写：{'、'.join(labels)}")
    owner = sides[side] == "owner"
    return SeatInput(
        person=PersonInput(name) if name else None,
        side=sides[side],
        post={**_POST_WORDS, **_AS_SHOWN}.get(post, "member"),
        unit_name=unit,
        title=title,
        attributes=tuple(labels[one] for one in given),
        source="chosen" if owner else "appointed",
        source_note="业主推选" if owner else "",
    )


class ConditionsForm(VersionedForm):
    met_on = Day(label="符合条件之日")


class ClassForm(VersionedForm):
    group = choice("分类", CLASSES)
    measures = words("措施")


class ApplicationForm(VersionedForm):
    received_on = Day(label="收到书面申请之日")
    words_of = words("申请情况", required=False)


class StartForm(VersionedForm):
    kind = choice("组建什么", _subset(BODY_KINDS, ("owners_committee", "management_committee", "building_stewards")))
    trigger = choice("情形", TRIGGERS)
    reason = words("原因和依据", required=False)
    started_on = Day(label="启动日期")


class GuideForm(VersionedForm):
    step = choice("环节", STEPS, required=False)
    text = words("指导内容")
    on = Day(label="指导日期")
    papers = Papers(label="材料", required=False)


class PeopleForm(VersionedForm):
    guide_name = line("镇街指导人", longest=60, required=False)
    supervisor = line("社区监督人", longest=60, required=False)


class GroupForm(VersionedForm):
    seats = SeatsField()
    formed_on = Day(label="成立日期")


OWNERS_COME_BY = {"chosen": "业主推选", "party": "社区党组织推荐"}
RECORD_HELP = "何时、何地、多少人、怎样推选，如：2026年3月2日业主推选会，到会32户，得票最多的4人"


class ManagementForm(GroupForm):
    owners_come_by = choice("业主代表怎样产生", OWNERS_COME_BY, initial="chosen")
    choosing_record = line("推选记录", longest=200, required=False, help_text=RECORD_HELP)
    records = Papers(label="推选材料", required=False)
    absent_sides = many("不存在的一方", SIDES, help_text="例如建设单位已经注销")
    explanation = words("说明", required=False)
    term_until = Day(label="任期届满", required=False)


class RegisterForm(GroupForm):
    kind = choice("类别", _subset(BODY_KINDS, OF_PLACES))
    name = line("名称", required=False)
    seats = SeatsField(required=False)
    field_order = ("kind", "name", "seats", "formed_on")


class EstateBodyForm(RegisterForm):
    kind = choice(
        "类别", _subset(BODY_KINDS, BY_REGISTERING)
    )  # fmt: skip
    absent_sides = many("不存在的一方", SIDES)


class StopForm(VersionedForm):
    reason = words("原因")


class OnForm(VersionedForm):
    on = Day(label="日期")


class NominateForm(VersionedForm):
    name = line("姓名", longest=60)
    phone = line("电话", longest=20, required=False)
    unit = pick("房屋", required=False)
    building = pick("推选为哪一幢的楼幢长", Building.objects.none(), required=False)
    source = choice("产生方式", _subset(SOURCES, ("recommended", "self", "chosen", "party")))
    recommended_by = line("推荐人", required=False)
    attributes = many("身份", ATTRIBUTES)
    statement = words("自荐（推荐）情况", required=False)
    tied_to_company = forms.BooleanField(label="本人、配偶或直系亲属在本小区物业企业任职", required=False)


class VolunteerForm(VersionedForm):
    name = line("您的姓名", longest=60)
    phone = line("电话", longest=20, required=False)
    unit = pick("您的房屋")
    building = pick("自荐为哪一幢的楼幢长", Building.objects.none(), required=False)
    attributes = many("身份", ATTRIBUTES)
    statement = words("自荐情况", help_text="责任心、热心公益、公信力、敢担当、能投入的时间")


class CommitteeMeetingForm(VersionedForm):
    held_on = Day(label="召开日期")
    attended = forms.IntegerField(label="到会委员人数", min_value=1, max_value=99)
    text = words("议题和决定")
    papers = Papers(label="会议记录", required=False)


class OfficersForm(VersionedForm):
    head = pick("主任", Member.objects.none())
    deputies = forms.ModelMultipleChoiceField(
        Member.objects.none(), label="副主任", required=False, widget=forms.CheckboxSelectMultiple
    )
    held_on = Day(label="推选日期")
    attended = forms.IntegerField(label="到会委员人数", min_value=1, max_value=99)
    agreed = forms.IntegerField(label="同意人数", min_value=1, max_value=99)


class ProspectForm(VersionedForm):
    unit = pick("房屋")
    name = line("业主姓名", longest=20)
    attributes = many("身份", ATTRIBUTES)
    note = line("说明", longest=200, required=False)


class DeveloperForm(VersionedForm):
    gone = choice("建设单位", {"yes": "已注销、不存在", "no": "存续"})
    from_on = Day(label="自")
    basis = words("依据", help_text="如注销登记、破产裁定")


PRESENT_HELP = "一人一行：姓名 楼幢 室号，用空格隔开，姓名要和当天登记的业主一致。例如　王某 1幢 1单元101室"
PRESENT_PARTS = 3


class PresentField(forms.CharField):
    """Those who came, as lines; each becomes (name, building, unit)."""

    def __init__(self, **given: Any) -> None:
        super().__init__(
            label="到会的业主代表", widget=forms.Textarea(attrs={"rows": 6}), help_text=PRESENT_HELP, max_length=8000,
            error_messages={"required": "请登记到会的业主代表"}, **given,
        )  # fmt: skip

    def clean(self, value: Any) -> Any:
        found = []
        for number, text in enumerate(str(super().clean(value)).splitlines(), start=1):
            parts = text.split(maxsplit=PRESENT_PARTS - 1)
            if parts and len(parts) < PRESENT_PARTS:
                raise forms.ValidationError(f"第{number}行要写：姓名 楼幢 室号")
            if parts:
                found.append(tuple(parts))
        return found


class RepresentativesForm(VersionedForm):
    held_on = Day(label="召开日期")
    present = PresentField()
    text = words("议题和决定")
    minutes = Papers(label="会议记录", help_text="签到表、记录的照片或扫描件")


class StewardsForm(RepresentativesForm):
    chosen = forms.ModelMultipleChoiceField(
        Candidate.objects.none(), label="推选出的人选", widget=forms.CheckboxSelectMultiple, required=False,
        help_text="同一幢（单元）一名；优先推选的排在前面",
    )  # fmt: skip


class ReviewForm(VersionedForm):
    result = choice("审核结论", REVIEW_RESULTS)
    put_on_list = forms.BooleanField(label="核实违反负面清单", required=False)
    opinion = words("审核意见", required=False, help_text="不通过的要写理由")


class PublishForm(VersionedForm):
    seats = forms.IntegerField(label="委员席位", min_value=1, error_messages={"required": "请填席位"})
    substitutes = forms.IntegerField(label="候补席位", min_value=0, initial=0)
    from_on = Day(label="公示起")


class ShowForm(VersionedForm):
    from_on = Day(label="自哪一天起")


class ElectionForm(VersionedForm):
    """One line for each who won: the number on the list, heads, area."""

    elected = words("当选", help_text="一人一行：候选人序号 得票人数 得票面积（平方米）；主任在行末写主任")
    substitutes = words("候补", required=False, help_text="按得票次序，一人一行")
    held_on = Day(label="选举日期")
    term_until = Day(label="任期届满", required=False)


class TermForm(VersionedForm):
    term_until = Day(label="任期届满日", help_text="按小区业主大会议事规则登记")


class FilingForm(VersionedForm):
    papers = many("材料", {})
    party_group = choice("党组织情况", PARTY_GROUP_STATES, required=False)
    party_group_on = Day(label="党组织建立日期", required=False)
    explanation = words("说明", required=False, help_text="组成检查有提示的，在这里说明")
    uploads = Papers(label="上传材料", required=False)


class DecideFilingForm(VersionedForm):
    accepted = choice("审核结论", {"yes": "准予备案", "no": "退回补正"})
    opinion = words("意见", required=False, help_text="退回的要写明所缺材料")


class AssetForm(VersionedForm):
    kind = choice("类别", ASSET_KINDS)
    title = line("名称（户名）", help_text="账户的户名要与备案名称一致")
    bank = line("开户银行", required=False)
    number = line("账号", longest=40, required=False, help_text="只保存末四位")
    keeper = line("保管人", required=False)
    from_on = Day(label="刻制（开立）日期")


class CloseAssetForm(VersionedForm):
    asset = pick("哪一枚印章、哪一个账户")
    to_on = Day(label="缴销（销户）日期")
    note = line("缴销（销户）情况", longest=200, help_text="如：交公安机关销毁；余额转入新账户后销户")
    papers = Papers(label="凭证", required=False, help_text="缴销回执、销户证明的照片或扫描件")


class ChangeForm(VersionedForm):
    kind = choice("事项", CHANGE_KINDS)
    what = line("内容", longest=200)
    happened_on = Day(label="发生日期")


class ReportForm(VersionedForm):
    file = forms.FileField(label="书面报告", error_messages={"required": "请附上书面报告"})


class NotifyTermForm(VersionedForm):
    told_on = Day(label="告知日期")
    file = forms.FileField(label="书面告知", required=False)


class SeatForm(VersionedForm):
    side = choice("代表", SIDES)
    post = choice("职务", POSTS, initial="member")
    name = line("姓名", longest=60, required=False, help_text="空着为空缺席位")
    unit_name = line("单位", required=False)
    title = line("单位职务", longest=60, required=False)
    attributes = many("身份", ATTRIBUTES)
    full_time = forms.BooleanField(label="专职（常驻）", required=False)
    building = pick("楼幢", Building.objects.none(), required=False)
    entrance = forms.IntegerField(label="单元", min_value=1, required=False)
    chosen_at = pick("推选的业主代表会议", RepresentativeMeeting.objects.none(), required=False)
    owners_come_by = choice("业主代表怎样产生", OWNERS_COME_BY, required=False)
    choosing_record = line("推选记录", longest=200, required=False, help_text=RECORD_HELP)
    basis_note = line("任职依据", longest=200, required=False, help_text="职务和文件写的不同的，写批准的文件名称、文号")
    replaces = pick("接替谁", required=False)
    from_on = Day(label="自哪一天起")


class OfficeForm(VersionedForm):
    address = line("办公场所", longest=200)
    phone = line("办公电话", longest=40, required=False)


class LeaveForm(VersionedForm):
    to_on = Day(label="最后一日")
    reason = line("离任原因", longest=200)


class StrikeForm(VersionedForm):
    member = pick("划去哪一条")
    reason = line("划去的原因", longest=200, help_text="如：姓名、起任日期录错，重新登记；录到了别的组织")


class SidesForm(VersionedForm):
    absent_sides = many("不存在的一方", SIDES, help_text="小区里没有的才选；不选的都算有")
    reason = line("更正的原因", longest=200, help_text="如：建设单位已注销；业委会已成立")


class EndForm(VersionedForm):
    ended_on = Day(label="终止日期", help_text="自这一天起不再办理")
    reason = choice("原因", _subset(END_REASONS, ("dissolved", "committee_formed", "other")))


class UnableForm(VersionedForm):
    reason = choice("情形", {"not_functioning": "不能正常开展工作", "serious_breach": "不依法履职、严重损害业主权益"})
    why = words("认定的事实和依据")
    from_on = Day(label="认定日期")


class DecisionForm(VersionedForm):
    by = choice("谁的决定", {"committee": "业委会、物管会", "assembly": "业主大会"})
    title = line("决定")
    matter = choice(
        "业主共同决定的事项", OWNERS_MATTERS, required=False, help_text="属于这些事项的，要业主表决；都不是的不选"
    )
    text = words("内容")
    decided_on = Day(label="决定日期")


class CorrectionForm(VersionedForm):
    kind = choice("处理", CORRECTION_KINDS)
    grounds = words("违法之处和依据", help_text="法院判决撤销的，写法院、案号和判决要点")


class TextForm(VersionedForm):
    text = words("内容")


class IssueForm(VersionedForm):
    due_on = Day(label="改正期限", required=False, help_text="不填的按本地默认期限")


class ServeForm(VersionedForm):
    buildings = forms.ModelMultipleChoiceField(
        Building.objects.none(), label="整幢已送达", widget=forms.CheckboxSelectMultiple, required=False,
        help_text="勾选的楼幢里还没有送达的房屋都算这次送达，下面写的除外",
    )  # fmt: skip
    missed = line("其中没有送到的房屋", required=False, longest=2000, help_text="几套用顿号隔开，如 1幢101室、2幢201室")
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label="单户送达", widget=forms.CheckboxSelectMultiple, required=False
    )
    way = choice("方式", SERVICE_WAYS)
    on = Day(label="送达日期")


class AdviceForm(VersionedForm):
    kind = choice("类别", _subset(ADVICE_KINDS, (*ANSWERED_KINDS, "guidance")))
    to = pick("给谁", Organisation.objects.none(), required=False)
    text = words("内容")
    due_on = Day(label="回复期限", required=False, help_text="不填的按本地默认期限")
    papers = Papers(label="附件", required=False)


class CommunitiesForm(VersionedForm):
    communities = forms.ModelMultipleChoiceField(
        Organisation.objects.none(), label="给哪些社区", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选社区"},
    )  # fmt: skip
    text = words("指导意见")
    due_on = Day(label="回复期限", required=False, help_text="不填的按本地默认期限")


class ReplyForm(VersionedForm):
    text = words("回复")
    papers = Papers(label="附件", required=False)


class WorkReportForm(VersionedForm):
    text = words("工作情况")
    papers = Papers(label="附件", required=False)


class ConversionForm(VersionedForm):
    conclusion = choice("评估结论", CONCLUSIONS)
    text = words("理由和下一步")
    papers = Papers(label="附件", required=False)


class CrossPostForm(VersionedForm):
    name = line("姓名", longest=20)
    first_side = choice("一方", SIDES)
    first_title = line("在这一方的职务", longest=60)
    second_side = choice("另一方", SIDES)
    second_title = line("在另一方的职务", longest=60)
    from_on = Day(label="自")
    to_on = Day(label="至", required=False, help_text="任期结束的日子；过了这一天自动转为历史")
    procedure = words("依什么法定程序产生", required=False)
    papers = Papers(label="程序材料", required=False)


class AssessForm(VersionedForm):
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    score = forms.DecimalField(
        label="分值（0到100）", decimal_places=2, max_digits=5, error_messages={"required": "请填分值"}
    )
    remarks = words("评语和整改要求", required=False)


class ChargeForm(VersionedForm):
    member = pick("委员")
    text = words("反映的情况")
    papers = Papers(label="证据", required=False)


class FindForm(VersionedForm):
    verified = choice("认定", {"yes": "查证属实", "no": "不属实"})
    suspected_crime = forms.BooleanField(label="涉嫌犯罪", required=False)
    finding = words("认定的事实")
    papers = Papers(label="证据", required=False)


class CloseChargeForm(VersionedForm):
    outcome = choice("处理结果", CHARGE_OUTCOMES)
    note = words("处理情况", required=False, help_text="决定由谁作出、依据什么；终止资格的，从今天起移出现任名单。")


class HandedForm(VersionedForm):
    handed_to = line("移交机关")
    handed_on = Day(label="移交日期")


class GiveForm(VersionedForm):
    items = forms.MultipleChoiceField(
        label="这次移交的", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请勾选"}
    )
    on = Day(label="移交日期")
    note = line("备注", longest=200, required=False)


class LackForm(VersionedForm):
    items = forms.MultipleChoiceField(
        label="无法移交的", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请勾选"}
    )
    reason = line("为什么", longest=200, help_text="如：上一届没有建账、已遗失并报案")


class ItemForm(VersionedForm):
    title = line("物品资料")
    quantity = line("数量", longest=40, required=False)


class SignForm(VersionedForm):
    party = choice("哪一方", {})
    signer = line("签字人", longest=60)
    papers = Papers(label="签了字的清单", required=False, help_text="打印的清单签字后的照片或扫描件")


class RefuseForm(VersionedForm):
    party = choice("哪一方", {})
    reason = line("拒签理由", longest=200)


class AdoptForm(VersionedForm):
    kind = choice("类别", TEXT_KINDS)
    title = line("名称")
    text = words("正文或要点", required=False)
    file = forms.FileField(label="文件", required=False)
    from_on = Day(label="施行日期")


class ApartForm(AdoptForm):
    issuer = choice("发布单位", {})
    kind = choice("类别", _subset(TEXT_KINDS, ("committee_rules",)))
    field_order = ("issuer", "kind", "title")


class ReceiptForm(VersionedForm):
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label="签收房屋", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选房屋"},
    )  # fmt: skip
    on = Day(label="签收日期")


class ItemOfListForm(VersionedForm):
    kind = choice("清单", LIST_KINDS)
    text = line("条目", longest=200)
    from_on = Day(label="自哪一天起")


class MarkForm(VersionedForm):
    item = pick("条目")
    member = pick("涉及委员", required=False)
    on = Day(label="日期")
    note = line("说明", longest=200, required=False)
