"""What is typed about a vote. Whether it may be done the services say."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from gongzhi.core.forms import RefusalForm, VersionedForm
from gongzhi.governance.bodies.models import BodyDecision
from gongzhi.governance.questions import MATTERS_OF_OWNERS
from gongzhi.governance.tally.roll import STOCKS, UNIT_KINDS
from gongzhi.governance.tally.rules import Motion, Rules
from gongzhi.governance.votes.identity import identity_check
from gongzhi.governance.votes.queries import origin_words, waiting_for_owners
from gongzhi.governance.votes.words import (
    AGENT_KINDS,
    ANNOUNCED,
    ANNOUNCED_ELECTION,
    ANNOUNCED_FIGURES,
    CONVENERS,
    MODES,
    OBJECTION_RESULTS,
    SERVICE_KINDS,
    SERVICE_RESULTS,
    WITNESS_KINDS,
)
from gongzhi.registry.models import Estate

FEN = 100
LONGEST_TEXT = 1000
LONGEST_NOTE = 20_000
MOMENT = "%Y-%m-%dT%H:%M"


def line(label: str, *, longest: int = 100, **given: Any) -> forms.CharField:
    errors = {"required": f"请填{label}", "max_length": f"最多{longest}个字"}
    return forms.CharField(label=label, max_length=longest, error_messages=errors, **given)


def words(label: str, *, rows: int = 4, **given: Any) -> forms.CharField:
    return line(label, longest=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": rows}), **given)


def choice(label: str, listed: Mapping[str, str], **given: Any) -> forms.ChoiceField:
    errors = {"required": f"请选{label}", "invalid_choice": "请从列表里选"}
    return forms.ChoiceField(label=label, choices=[("", "请选"), *listed.items()], error_messages=errors, **given)


class Day(forms.DateField):
    def __init__(self, **given: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        errors = {"invalid": "日期请写成 2026-06-01 这样", "required": "请填日期"}
        super().__init__(widget=widget, error_messages=errors, **given)


class Moment(forms.DateTimeField):
    """A minute, in China's zone."""

    def __init__(self, **given: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        errors = {"invalid": "时间请写成 2026-06-01T09:00 这样", "required": "请填时间"}
        super().__init__(widget=widget, input_formats=[MOMENT, "%Y-%m-%d %H:%M"], error_messages=errors, **given)

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


class MotionForm(VersionedForm):
    origins: dict[str, Any] = {}  # noqa: RUF012  (replaced whole by `offer_origins`)
    matter = choice("事项类别", MATTERS_OF_OWNERS, help_text="决定要多少人参与、多少人同意")
    title = line("议题", longest=200)
    text = words("内容", required=False)
    amount_yuan = forms.DecimalField(label="金额（元）", min_value=0, decimal_places=2, max_digits=14, required=False)
    scope = words(
        "只由这些楼幢、单元的业主表决", rows=2, required=False,
        help_text="不填即全小区；一行一个，如：3幢，或3幢2单元，可以混写",
    )  # fmt: skip
    candidates = words(
        "候选人或候选单位", required=False,
        help_text="多选一才填，一行一个。选举业委会的，先在组织页启动组建、换届或补选，公示候选人后选“所依的选举”；"
        "在这里手填的，选出的人不会自动到任",
    )  # fmt: skip
    seats = forms.IntegerField(label="选几个", min_value=1, max_value=99, initial=1, required=False)
    alternates = forms.IntegerField(label="候补几个", min_value=0, max_value=99, initial=0, required=False)
    origin = forms.ChoiceField(
        label="所依的选举或会议", required=False,
        help_text="选举按公示期满的候选人和席位；罢免、临时会议选所依的会议。结果生效后自动接上",
    )  # fmt: skip

    def offer_origins(self, estates: Sequence[int], *, own: str = "") -> None:
        """Formations and owed meetings of these estates that wait for the owners; the field goes where none does.
        `own`: what the motion at hand came from, which stays on offer."""
        self.origins = {one.ref.key: one for one in waiting_for_owners(estates, but=own)}
        field: Any = self.fields["origin"]
        field.choices = [("", "都不是"), *((key, origin_words(one)) for key, one in self.origins.items())]
        if not self.origins:
            del self.fields["origin"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["origin"] = self.origins.get(data.get("origin", ""))
        return data


class DraftForm(MotionForm):
    estate = forms.ModelChoiceField(
        Estate.objects.none(), label="小区", error_messages={"required": "请选小区"}, empty_label="请选"
    )
    name = line("会议名称", help_text="如：2026年第一次业主大会")
    convener = choice("召集人", CONVENERS)
    opens_at = Moment(label="开始投票")
    closes_at = Moment(label="截止投票", help_text="到这一刻就不收票")
    modes = forms.MultipleChoiceField(
        label="表决方式", choices=list(MODES.items()), required=False, widget=forms.CheckboxSelectMultiple,
        help_text="维修资金的事项才选；本小区议事规则约定了的才能用",
    )  # fmt: skip
    secret = forms.BooleanField(
        label="无记名（只限选举，一次一项）", required=False,
        help_text="要议事规则允许、人数够多；票在业主手机上加密，由几名托管人一起开合计",
    )  # fmt: skip
    field_order = ("estate", "name", "convener", "opens_at", "closes_at", "secret", "origin", "matter", "title")

    def offer_modes(self, offered: Sequence[str]) -> None:
        """Only where the local document tells ways of voting apart."""
        if not offered:
            del self.fields["modes"]
            return
        field: Any = self.fields["modes"]
        field.choices = [(one, MODES[one]) for one in offered]


class CheckForm(VersionedForm):
    agreed = choice("核对意见", {"yes": "同意，名册和议题无误", "no": "不同意，退回修改"})
    opinion = words("意见", required=False)


class NoticeForm(VersionedForm):
    published_on = Day(label="张贴日期", help_text="公告之日不计入期限")
    silence_told = forms.BooleanField(label="公告写明了不投票的后果", required=False)
    photo = forms.FileField(label="张贴照片", required=False)


class ServeForm(RefusalForm, forms.Form):
    how = choice("送达方式", SERVICE_KINDS)
    result = choice("结果", SERVICE_RESULTS)
    at = Moment(label="送达时间")
    photo = forms.FileField(label="照片、回执", required=False)


class OfficialForm(RefusalForm, forms.Form):
    file = forms.FileField(label="官方平台导出的Excel", error_messages={"required": "请选文件"})


class OpinionForm(RefusalForm, forms.Form):
    text = words("监督意见")


class ConsentForm(VersionedForm):
    agreed = choice("意见", {"yes": "同意", "no": "不同意"})
    opinion = words("理由")


class DayForm(VersionedForm):
    day = Day(label="日期")


class WindowForm(VersionedForm):
    opens_at = Moment(label="开始投票")
    closes_at = Moment(label="截止投票")


class NomineeForm(RefusalForm, forms.Form):
    nominee = forms.ChoiceField(label="由谁投票", error_messages={"required": "请选一人"})


class CorrectForm(RefusalForm, forms.Form):
    area_m2 = forms.DecimalField(label="专有部分面积（平方米）", min_value=0, decimal_places=2, max_digits=10)
    stock = choice("出售交付", STOCKS)
    kind = choice("用途", UNIT_KINDS)
    reason = words("为什么更正、凭什么材料")


class LotForm(RefusalForm, forms.Form):
    motion = forms.ChoiceField(label="议题")
    order = words("抽签的次序", help_text="得票相同的全部写上，一行一个，先抽中的在前")
    by = words("监票人", rows=2, help_text="一行一人")
    photo = forms.FileField(label="抽签记录、现场照片", required=False)


class PlainForm(VersionedForm):
    """Nothing but the button."""


class StopForm(VersionedForm):
    reason = words("为什么终止")


INSTRUCTED = {"agree": "同意", "oppose": "反对", "abstain": "弃权"}


class ProxyForm(RefusalForm, forms.Form):
    """A written instrument: who, for whom, on which motions, with which instruction, until when."""

    room = line("委托人的房号", help_text="如：1幢001室")
    agent_kind = choice("代理人身份", AGENT_KINDS)
    agent_room = line("代理人的房号", required=False, help_text="代理人是本小区业主的填，不用再填姓名电话")
    agent = line("代理人姓名", longest=20, required=False)
    agent_phone = line("代理人电话", longest=20, required=False, help_text="只用来认出同一名代理人，加密存放")
    valid_until = Moment(label="委托到")
    signed = forms.BooleanField(label="委托书有委托人签名", required=False)
    photo = forms.FileField(label="委托书照片", required=False)

    def offer(self, rules: Rules) -> None:
        """For each motion: whether it is in the instrument, and the principal's word on it."""
        self.motions = {one.motion: one for one in rules.motions}
        for number, one in enumerate(rules.motions, 1):
            listed = [("no", "没有委托"), ("free", "委托，没有写意见")]
            if one.election is None:
                listed += [(answer, f"委托，{words}") for answer, words in INSTRUCTED.items()]
            self.fields[one.motion] = forms.ChoiceField(
                label=f"议题{number}　{one.title}", choices=listed, initial="free"
            )
        self.order_fields(["room", "agent_kind", "agent_room", "agent", "agent_phone", *self.motions])

    def scope(self) -> list[str]:
        return [one for one in self.motions if self.cleaned_data[one] != "no"]

    def instructions(self) -> dict[str, str]:
        return {one: self.cleaned_data[one] for one in self.motions if self.cleaned_data[one] in INSTRUCTED}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("agent_room") and not (data.get("agent") and data.get("agent_phone")):
            self.add_error("agent", "请填代理人的姓名和电话；是本小区业主的填房号")
        if not self.errors and not self.scope():
            self.add_error(None, "一个议题也没有委托，不用登记。")
        return data


class RevokeForm(RefusalForm, forms.Form):
    proxy = forms.CharField(widget=forms.HiddenInput)


class BuyerForm(RefusalForm, forms.Form):
    nominee = forms.ChoiceField(label="受让人有几名，由谁投票", required=False)

    def offer(self, owners: Sequence[Any]) -> None:
        if len(owners) < 2:  # noqa: PLR2004  (nobody to choose between)
            del self.fields["nominee"]
            return
        field: Any = self.fields["nominee"]
        field.choices = [("", "还没有推定"), *((str(one.pk), str(one)) for one in owners)]


class AnnouncedForm(RefusalForm, forms.Form):
    """The figures that a government's platform announced, a group for each motion."""

    def offer(self, rules: Rules) -> None:
        self.motions = [one.motion for one in rules.motions]
        for one in rules.motions:
            outcomes = ANNOUNCED if one.election is None else ANNOUNCED_ELECTION
            figures = {
                name: words for name, words in ANNOUNCED_FIGURES.items() if one.election is None or "voted" in name
            }
            for who in one.election.candidates if one.election else ():
                figures[f"heads:{who.candidate}"] = f"{who.name}得票人数"
                figures[f"area:{who.candidate}"] = f"{who.name}得票面积"
            self.fields[f"{one.motion}_outcome"] = choice(f"“{one.title}”公布的结果", outcomes, required=False)
            for name, words in figures.items():
                field: forms.Field
                if "area" in name:
                    field = forms.DecimalField(
                        label=f"{words}（平方米）", min_value=0, decimal_places=2, max_digits=12, required=False
                    )
                else:
                    field = forms.IntegerField(label=f"{words}（人）", min_value=0, required=False)
                self.fields[f"{one.motion}_{name}"] = field

    def figures(self) -> dict[str, dict[str, Any]]:
        """Areas in whole 0.01 m²."""
        found: dict[str, dict[str, Any]] = {}
        for field in self.fields:
            motion, _, name = field.partition("_")
            value = self.cleaned_data.get(field)
            if motion in self.motions and value not in (None, ""):
                found.setdefault(motion, {})[name] = int(value * FEN) if "area" in name else value
        return found


class DeskForm(RefusalForm, forms.Form):
    """A ballot taken at the desk; the motions' fields are added by the page."""

    room = line("房号", help_text="如：1幢001室；一人多套的填其中一套")
    proxy = line("委托书编号", required=False, help_text="代理人来投的填，如 w1")


class AdjudicateForm(RefusalForm, forms.Form):
    """Whether the ballot counts and, motion by motion, as what: as two people read it, or as the scrutineers see it."""

    decision = choice("认定", {"valid": "有效", "invalid": "无效"})
    by = words("监票人", rows=2, help_text="一行一人，至少两人")
    reason = words("理由")
    read: Mapping[str, Any] = {}

    def offer(self, motions: Sequence[Motion], *, read: Mapping[str, Any], answers: Sequence[tuple[str, str]]) -> None:
        """`read`: the marks as they were typed in."""
        self.read = read
        self.motions = {one.motion: one for one in motions}
        for one in motions:
            if one.election is None:
                self.fields[one.motion] = forms.ChoiceField(
                    label=f"“{one.title}”按什么计", choices=[("", "没有填"), *answers], required=False,
                    initial=read.get(one.motion, ""), help_text="照录入的已选好；认定有效的，看影像确定",
                )  # fmt: skip
            else:
                self.fields[one.motion] = forms.MultipleChoiceField(
                    label=f"“{one.title}”按同意谁计", widget=forms.CheckboxSelectMultiple, required=False,
                    choices=[(who.candidate, who.name) for who in one.election.candidates],
                    initial=list(read.get(one.motion, ())),
                )  # fmt: skip
        self.order_fields(["decision", *self.motions, "by", "reason"])

    def choices(self) -> dict[str, Any] | None:
        """Of a valid ballot what differs from the reading makes all of it the scrutineers' own."""
        if self.cleaned_data["decision"] != "valid":
            return None
        given = {name: self.cleaned_data[name] for name in self.motions if self.cleaned_data[name]}
        read = {name: mark for name, mark in self.read.items() if mark}
        return None if given == read else given


class ReplyForm(RefusalForm, forms.Form):
    result = choice("异议", OBJECTION_RESULTS)
    reply = words("怎样复核、结论")


class ObjectForm(RefusalForm, forms.Form):
    by_room = line("您的房号", required=False)
    text = words("对哪一项、为什么有异议")


class IdentityForm(RefusalForm, forms.Form):
    """Asks what the identity check in force wants."""

    answer = forms.CharField(
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        check = identity_check()
        field: Any = self.fields["answer"]
        field.label = check.label
        field.widget.attrs["maxlength"] = str(check.length)
        field.error_messages["required"] = f"请填{check.label}"
        self._length = check.length

    def clean_answer(self) -> str:
        given: str = self.cleaned_data["answer"].strip()
        if len(given) != self._length:
            raise forms.ValidationError(f"要填{self._length}位")
        return given


class ProcedureForm(RefusalForm, forms.Form):
    """The switches of votes at one estate; the fields are made from the pack."""

    adopted_on = Day(label="自哪一天起")
    document = line("哪一次业主大会、第几条", longest=200, help_text="如：2026年3月业主大会议事规则第八条")
    decision = forms.ModelChoiceField(
        BodyDecision.objects.none(), label="所依的业主大会决定", required=False, empty_label="没有",
        help_text="登记授权额度的必须选；表决通过的议题在这里",
    )  # fmt: skip

    def offer(self, estate: Estate) -> None:
        field: Any = self.fields["decision"]
        field.queryset = BodyDecision.objects.filter(estate=estate, body=None, revoked_on=None).order_by("-decided_on")


class WitnessForm(RefusalForm, forms.Form):
    kind = choice("见证人", WITNESS_KINDS)
    name = line("名称", longest=60, help_text="如：官陡街道物管办、3幢业主代表")
    key = words("见证公钥", rows=2, help_text="见证人在存证页生成后整行复制来")


class EndWitnessForm(RefusalForm, forms.Form):
    witness = forms.IntegerField(widget=forms.HiddenInput)


class SignedNoteForm(RefusalForm, forms.Form):
    text = forms.CharField(
        label="签好的检查点",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off", "data-witness": "text"}),
        error_messages={"required": "请粘贴签好的检查点。", "max_length": "太长了，不是检查点。"},
    )
