"""What is typed about paper ballots."""

from typing import Any

from django import forms

from gongzhi.core.forms import RefusalForm, VersionedForm
from gongzhi.governance.tally.electorate import decides
from gongzhi.governance.votes.forms import Moment, line, words
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.paper.models import PaperSheet
from gongzhi.governance.votes.paper.services import Reading
from gongzhi.governance.votes.paper.words import FAULTS_SEEN
from gongzhi.governance.votes.scopes import concerned
from gongzhi.governance.votes.services.balloting import rules_of
from gongzhi.governance.votes.views.ballot_form import options
from gongzhi.governance.votes.words import FAULTS

MOTION = "motion_"
BLANK = "blank"


class PrintForm(RefusalForm, forms.Form):
    building = forms.ChoiceField(label="楼幢", required=False)
    rooms = words("只打印这些房号", required=False, help_text="一行一个；不填即整幢（或全部）还没有打印的")
    returns = line("选票交到哪里", help_text="印在票上，如：社区服务站（东门）")
    again = forms.BooleanField(
        label="作废原票并补发", required=False, help_text="票丢失、污损时勾选；原来的编号不再有效"
    )

    def offer(self, vote: Vote) -> None:
        field: Any = self.fields["building"]
        buildings = concerned(vote).order_by("building").values_list("building", flat=True).distinct()
        field.choices = [("", "全部"), *((one, one) for one in buildings)]


class ScanForm(RefusalForm, forms.Form):
    received_at = Moment(label="交回时间", help_text="业主交票的时间；截止以后交回的不收")
    scan = forms.FileField(label="扫描件或照片", error_messages={"required": "请选择文件"})


class CodeForm(RefusalForm, forms.Form):
    code = line("票号", longest=20, help_text="票面右上角二维码下面的11位")


class SetAsideForm(VersionedForm):
    reason = words("为什么不录入", rows=2)


class ReadForm(VersionedForm):
    """What one person reads on a page: who signed, what is marked, what is wrong with it."""

    voter = forms.ChoiceField(label="谁签的名", error_messages={"required": "请选签名的人"})
    unit = forms.ChoiceField(label="房屋", required=False)
    proxy = line("委托书编号", longest=20, required=False, help_text="代理人签名的填，如 w1")
    faults = forms.MultipleChoiceField(
        label="瑕疵（没有就不选）",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(one, FAULTS[one]) for one in FAULTS_SEEN],
    )

    def offer(self, sheet: PaperSheet, *, own: dict[str, Any] | None) -> None:
        vote = sheet.vote
        names = {one.code: str(one.person) if one.person else "建设单位" for one in _owners(sheet)}
        agents = [
            (one["agent"], f"{one['agent']}（代理人，{one['id']}）")
            for one in vote.records.filter(kind="PROXY").values_list("data", flat=True)
        ]
        self._set("voter", [("", "请选"), *names.items(), *agents])
        if sheet.code is not None:
            del self.fields["unit"]
        else:
            rows = concerned(vote).order_by("building", "room").values_list("code", "room")
            self._set("unit", [("", "请选"), *rows])
        self.motions = {}
        for motion in rules_of(vote).motions:
            if sheet.code is not None and not decides(sheet.code.roll_entry.counted_as, motion.scope):
                continue  # not on this unit's ballot
            name = f"{MOTION}{motion.motion}"
            self.motions[name] = motion.motion
            if motion.election is None:
                self.fields[name] = forms.ChoiceField(
                    label=motion.title,
                    choices=[*options(vote), (BLANK, "没有填")],
                    widget=forms.RadioSelect,
                    error_messages={"required": "请照票面选一项；没有填的选“没有填”"},
                )
            else:
                self.fields[name] = forms.MultipleChoiceField(
                    label=motion.title,
                    choices=[(one.candidate, f"同意{one.name}") for one in motion.election.candidates],
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                )
        self.order_fields(["version", "unit", *self.motions, "voter", "proxy", "faults"])
        if own:
            self.initial.update({name: own[name] for name in ("voter", "unit", "proxy", "faults")})
            self.initial.update({name: own["choices"].get(motion, BLANK) for name, motion in self.motions.items()})
        elif len(names) == 1:
            self.initial["voter"] = next(iter(names))

    def _set(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def reading(self) -> Reading:
        data = self.cleaned_data
        return Reading(
            voter=data["voter"],
            choices={motion: data[name] for name, motion in self.motions.items() if data[name] not in (BLANK, [])},
            faults=tuple(data["faults"]),
            unit=data.get("unit", ""),
            proxy=data["proxy"].strip(),
        )


def _owners(sheet: PaperSheet) -> list[Any]:
    rows = sheet.vote.owners.select_related("person").order_by("code")
    if sheet.code is not None:
        entry = sheet.code.roll_entry
        rows = rows.filter(code__in={*entry.owners, *entry.voters})
    return list(rows)
