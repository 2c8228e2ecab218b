"""What is typed about choices, inspections, contracts and exits: the fields are those that the document asks for."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from gongzhi.contracts import queries
from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import Procedure, ServiceContract, county_of
from gongzhi.contracts.queries import Rule
from gongzhi.contracts.questions import FEE_MODES, METHODS, PROJECT_TYPES
from gongzhi.contracts.services.opening import AREAS
from gongzhi.contracts.words import (
    ASSETS,
    CHANNELS,
    CHOICES,
    DEFECTS,
    GROUNDS,
    ITEM_STATES,
    JUDGES,
    OPINIONS,
    REASONS,
    REASONS_OF,
    REMARKS,
    SALES,
    STAGES,
    VERDICTS,
)
from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Organisation
from gongzhi.governance.votes.models import Motion
from gongzhi.registry.forms import Day, choice, fee_figure, line, words

MOST_POINTS = 100
AREA_LABELS = dict(
    zip(
        AREAS,
        ("总建筑面积", "住宅建筑面积", "非住宅建筑面积", "多层住宅建筑面积", "高层住宅建筑面积"),
        strict=True,
    )
)
PARTY_A = {
    "developer": "建设单位",
    "owners_committee": "业主委员会",
    "management_committee": "物业管理委员会",
    "street_government": "镇政府（街道办事处）",
}
# What number a step asks for.
REFERENCES = {"announce": "编号（媒介）", "file": "备案号", "deliver": "交付备案号"}
YES_NO = [("", "请选"), ("yes", "是"), ("no", "否")]


def units(role: str, path: str) -> Any:
    """Organisations of a role in the county of the path."""
    return Organisation.objects.filter(role=role, active=True, place_path__startswith=county_of(path)).order_by("name")


def pick(label: str, rows: Any, **given: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        rows, label=label, empty_label="请选", error_messages={"required": f"请选{label}"}, **given
    )


class ChoiceMade(forms.ModelChoiceField):
    """A choice by its number, with who was chosen: an estate may have had several."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} {obj.get_kind_display()}：{obj.company or '没有选定'}"


def upload(label: str, **given: Any) -> forms.FileField:
    return forms.FileField(label=label, error_messages={"required": f"请上传{label}", "empty": "文件是空的"}, **given)


def yes_no(label: str, **given: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=YES_NO, required=False, empty_value=None, coerce=lambda text: text == "yes", **given
    )


def whole(label: str, **given: Any) -> forms.IntegerField:
    errors = {"invalid": "请填整数", "min_value": "不能是负数", "required": f"请填{label}"}
    return forms.IntegerField(label=label, min_value=0, error_messages=errors, **given)


def passed_motions(estate: Any) -> Any:
    return Motion.objects.filter(vote__estate=estate, outcome="passed").select_related("vote").order_by("-pk")


def needed(fields: Mapping[str, forms.Field], name: str) -> None:
    """Not called optional on the page; that it is missing the command says, with the clause."""
    if name not in fields:
        return
    field: Any = fields[name]
    field.says_optional = False
    rows = list(getattr(field, "choices", ()))
    if ("", "不选") in rows:
        field.choices = [("", "请选") if one == ("", "不选") else one for one in rows]


def among(words: Mapping[str, str], name: str, variants: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Of the words those in whose variant the document lets the reader open it."""
    open_to = {one.get(name) for one in variants}
    return {code: title for code, title in words.items() if code in open_to}


class PaperForm(VersionedForm):
    """A form whose papers have the names that the document gives them."""

    paper_names: Sequence[str] = ()

    def ask_papers(self, names: Sequence[str], *, required: bool = False) -> None:
        self.paper_names = tuple(names)
        for number, name in enumerate(names):
            self.fields[f"paper_{number}"] = upload(name, required=required)

    def papers(self) -> list[tuple[str, Any]]:
        found = [(name, self.cleaned_data.get(f"paper_{number}")) for number, name in enumerate(self.paper_names)]
        return [(name, file) for name, file in found if file]


class OpenForm(PaperForm):
    """What is asked when a procedure is opened, by its kind."""

    def __init__(
        self,
        *args: Any,
        kind: str,
        estate: Any,
        roles: Mapping[str, str],
        asks: Iterable[str],
        variants: Sequence[Mapping[str, Any]],
        **given: Any,
    ) -> None:
        super().__init__(*args, **given)
        self.kind, self.estate, self.roles = kind, estate, roles
        path = estate.place_path
        if kind in ("tender", "takeover", "acceptance", "asset_transfer"):
            self.fields["developer"] = pick("建设单位", units("developer", path), required=False)
        if kind == "tender":
            self._ask_project()
        if kind in ("takeover", "caretaker"):
            self.fields["company"] = pick("物业服务企业", units("property_company", path))
        if kind == "caretaker":
            self.fields["from_on"], self.fields["to_on"] = Day(label="自"), Day(label="至")
        if kind == "exit":
            self.fields["ground"] = choice("退出原因", among(GROUNDS, "ground", variants))
            self.fields["leave_on"] = Day(label="拟退出日期（服务的最后一日）")
        if kind == "asset_transfer":
            self.fields["asset"] = choice("归谁", among(ASSETS, "asset", variants))
            self.fields["asset_name"] = line("资产名称")
        if kind in ("acceptance", "asset_transfer") and roles:
            self.fields["parties"] = forms.MultipleChoiceField(
                label="参加单位" if kind == "acceptance" else "共同查验单位（只在国有资产移交时用）",
                choices=list(roles.items()), initial=list(roles), required=False,
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
        if kind in ("reselect", "exit", "caretaker"):
            self.fields["reason"] = words("理由", required=False)
            self.fields["plan"] = words("服务内容" if kind == "caretaker" else "衔接方案", required=False)
        if kind in ("reselect", "exit"):
            self.fields["motion"] = pick("业主决定", passed_motions(estate), required=False)
        for name in (*asks, "developer"):
            needed(self.fields, name)

    def _ask_project(self) -> None:
        self.fields["method"] = choice("选聘方式", METHODS)
        self.fields["project_type"] = choice("项目类型", PROJECT_TYPES)
        self.fields["fee_mode"] = choice("收费方式", FEE_MODES)
        for name, label in AREA_LABELS.items():
            self.fields[name] = forms.DecimalField(
                label=f"{label}（平方米）", min_value=Decimal(0), decimal_places=2, required=name == AREAS[0],
                error_messages={"invalid": "请填数字", "required": "请填面积"},
            )  # fmt: skip
        self.fields["small_scale"] = yes_no("主管部门认定规模较小")
        self.fields["sale"] = choice("销售方式", SALES, required=False)
        self.fields["sale_on"] = Day(
            label="首次申请预售（首份合同、现房销售）日期", required=False, help_text="最迟哪天选聘从这一天算"
        )

    def opening(self) -> contracts.Opening:
        data = self.cleaned_data
        plain = ("method", "sale", "sale_on", "ground", "reason", "plan", "leave_on", "asset", "asset_name", "company",
                 "developer", "from_on", "to_on", "motion")  # fmt: skip
        given = {name: data[name] for name in plain if data.get(name)}
        project = {
            name: data[name] for name in ("project_type", "fee_mode", *AREAS) if data.get(name) not in (None, "")
        }
        if data.get("small_scale"):
            project["small_scale"] = True
        return contracts.Opening(project=project, parties=data.get("parties") or (), **given)


class StepForm(PaperForm):
    """A step, with what the document needs of it."""

    on = Day(label="日期")

    def __init__(self, *args: Any, row: Procedure, step: str, rule: Rule, **given: Any) -> None:
        super().__init__(*args, **given)
        needs = rule.needs
        if step in OPINIONS:
            self.fields["agreed"] = forms.ChoiceField(
                label="意见",
                choices=[("yes", "同意（成立）"), ("no", "不同意（不成立）")],
                error_messages={"required": "请选意见"},
            )
        self._ask(row, step, needs)
        self.fields["note"] = words("说明（意见）", required=False)
        names = [*rule.papers]
        if row.kind == "takeover" and step == "conclude":
            self.fields["related"] = yes_no("与建设单位有关联关系")
            self.fields["third_party"] = line("第三方查验机构", required=False)
            names += [contracts.THIRD_PARTY_REPORT, contracts.COUNTER_PROOF]
        for name in needs:
            needed(self.fields, name)
        self.ask_papers([*names, "附件（证据）"])
        for number, _ in enumerate(rule.papers):
            needed(self.fields, f"paper_{number}")

    def _ask(self, row: Procedure, step: str, needs: Sequence[str]) -> None:
        path = row.place_path
        if "channel" in needs:
            self.fields["channel"] = choice("发布渠道", CHANNELS, required=False)
        for name, label in (("reference", REFERENCES.get(step, "编号")), ("link", "链接"), ("where", "公示位置")):
            if name in needs:
                self.fields[name] = line(label, longest=200, required=False)
        if "winner" in needs:
            self.fields["winner"] = pick("选定的企业", row.bids.filter(state="entered"), required=False)
        if "choice" in needs:
            self.fields["choice"] = choice("接续方式", CHOICES, required=False)
        if "company" in needs or "choice" in needs:
            self.fields["company"] = pick("企业", units("property_company", path), required=False)
        if "reason" in needs:
            open_to = REASONS_OF.get(step, tuple(REASONS))
            self.fields["reason"] = choice("理由", {one: REASONS[one] for one in open_to}, required=False)
        if "decision" in needs:
            self.fields["motion"] = pick("平台上的业主表决", passed_motions(row.estate), required=False)
            self.fields["decision"] = line("其他业主决定（文号、日期）", longest=200, required=False)
        if step in ("notify", "order_fix", "succeed"):
            label, hint = ("接管到哪一天", "") if step == "succeed" else ("整改到哪一天", "不填的按规定的期限算")
            self.fields["until"] = Day(label=label, required=False, help_text=hint)

    def taking(self, papers: Sequence[tuple[str, Any]]) -> contracts.Taking:
        data = self.cleaned_data
        plain = ("on", "note", "channel", "reference", "link", "where", "choice", "reason", "related", "third_party",
                 "winner", "company", "motion", "decision", "until")  # fmt: skip
        given = {name: data[name] for name in plain if data.get(name) not in (None, "")}
        return contracts.Taking(agreed=data.get("agreed", "yes") == "yes", papers=papers, **given)


class ItemForm(VersionedForm):
    """One line, or many at once in the text field."""

    OF_A_LINE = ("group", "name", "expected", "found", "state", "defect", "responsible", "due_on", "note")

    group = line("类别", longest=40)
    name = line("名称", required=False, help_text="这里或下面“其他各项”至少填一处")
    expected = whole("应有数量", required=False, help_text="不填按1")
    found = whole("实有数量", required=False)
    state = choice("结果", ITEM_STATES, initial="ok")
    defect = choice("不符在哪里", DEFECTS, required=False)
    responsible = line("转给哪个责任单位", required=False)
    due_on = Day(label="整改期限", required=False)
    note = line("情况", longest=200, required=False)
    photo = upload("图片", required=False)
    more = words("同样结果的其他各项", required=False, help_text="一行一项")

    def __init__(self, *args: Any, groups: Sequence[str], **given: Any) -> None:
        super().__init__(*args, **given)
        if groups:
            self.fields["group"] = choice("类别", {one: one for one in groups})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("name") and not data.get("more"):
            self.add_error("name", "请填写名称")
        return data

    def lines(self, photo: Any) -> list[contracts.Line]:
        data = self.cleaned_data
        names = [data.get("name", ""), *data.get("more", "").splitlines()]
        plain = ("group", "found", "state", "defect", "responsible", "due_on", "note")
        given = {one: data[one] for one in plain if data.get(one) not in (None, "")}
        expected = data["expected"] if data.get("expected") is not None else 1
        return [
            contracts.Line(name=one.strip(), expected=expected, photo=photo, **given) for one in names if one.strip()
        ]


class SignForm(VersionedForm):
    verdict = choice("意见", {code: title for code, title in VERDICTS.items() if code})
    opinion = words("意见内容", required=False)
    on = Day(label="签字日期")
    page = upload("签字页（代录的必须上传）", required=False)


class BidForm(VersionedForm):
    offer = line("报价和承诺", longest=200, required=False)


class CompanyForm(BidForm):
    def __init__(self, *args: Any, path: str, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["company"] = pick("企业", units("property_company", path))
        self.order_fields(["company"])


class ReasonForm(VersionedForm):
    reason = words("理由", required=False)


class MethodForm(VersionedForm):
    method = choice("选聘方式", METHODS)


class JudgeForm(VersionedForm):
    name = line("姓名", longest=60)
    side = choice("代表", JUDGES)
    employer = line("工作单位")
    interest = forms.BooleanField(label="与投标人或招标人有利害关系", required=False)


class PointsForm(VersionedForm):
    """A judge's points, a field for each bid."""

    def __init__(self, *args: Any, row: Procedure, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["judge"] = pick("评委", row.judges.order_by("pk"))
        self.bids = list(row.bids.filter(state="entered").select_related("company").order_by("pk"))
        for bid in self.bids:
            self.fields[f"bid_{bid.pk}"] = forms.DecimalField(
                label=f"{bid.company}得分", min_value=0, max_value=MOST_POINTS, decimal_places=2,
                error_messages={"required": "请填得分", "invalid": "请填数字"},
            )  # fmt: skip

    def points(self) -> dict[int, Decimal]:
        return {bid.pk: self.cleaned_data[f"bid_{bid.pk}"] for bid in self.bids}


class ContractForm(PaperForm):
    party_a = choice("甲方", PARTY_A)
    party_a_name = line("甲方名称")
    manager_name = line("项目经理", longest=60)
    signed_on = Day(label="签订日期")
    from_on = Day(label="生效日期（还没有生效的不填）", required=False)
    to_on = Day(label="届满日期", required=False)
    grade = line("服务等级", longest=40, required=False)
    fee = line("收费标准", longest=60, required=False)
    fee_yuan_m2_month = fee_figure()
    decision = line("业主决定（征询）", longest=200, required=False, help_text="不在平台表决的，写明文号和日期")
    repairs = words(
        "企业负责维修的事项", required=False, help_text="一行一项，如楼道灯；报修时按此派企业并由企业承担费用"
    )

    def __init__(
        self, *args: Any, estate: Any, kind: str, rules: Mapping[str, Any], papers: Sequence[str], **given: Any
    ) -> None:
        super().__init__(*args, **given)
        self.fields["company"] = pick("物业服务企业", units("property_company", estate.place_path))
        self.fields["procedure"] = ChoiceMade(
            queries.chosen(estate), label="选聘记录", empty_label="请选", required=False
        )
        self.fields["motion"] = pick("平台上的业主表决", passed_motions(estate), required=False)
        self.order_fields(["party_a", "party_a_name", "company", "manager_name", "procedure", "motion", "decision"])
        own = {"服务等级": "grade", "收费标准": "fee", "服务期限": "to_on"}
        for name in ("motion", "decision") if kind == "service" else ("procedure",):
            needed(self.fields, name)
        required = rules.get("required", ())
        self.terms = [one for one in (*required, *rules.get("listed", ())) if one not in own]
        self.services = list(rules.get("services", ()))
        for number, name in enumerate(self.terms):
            self.fields[f"term_{number}"] = words(f"约定：{name}", required=False)
            if name in required:
                needed(self.fields, f"term_{number}")
        for number, name in enumerate(self.services):
            self.fields[f"service_{number}"] = line(f"服务标准：{name}", longest=200, required=False)
            needed(self.fields, f"service_{number}")
        for name in required:
            needed(self.fields, own.get(name, ""))
        self.ask_papers(list(dict.fromkeys([contracts.WRITTEN, *papers])))
        needed(self.fields, "paper_0")

    def terms_given(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(f"term_{number}", "") for number, name in enumerate(self.terms)}

    def services_given(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(f"service_{number}", "") for number, name in enumerate(self.services)}

    def given(self, papers: Sequence[tuple[str, Any]], renews: ServiceContract | None) -> contracts.Terms:
        data = self.cleaned_data
        plain = ("signed_on", "manager_name", "party_a", "party_a_name", "from_on", "to_on", "grade", "fee",
                 "fee_yuan_m2_month", "procedure", "motion", "decision")  # fmt: skip
        given = {name: data[name] for name in plain if data.get(name) not in (None, "")}
        return contracts.Terms(
            terms=self.terms_given(), services=self.services_given(), papers=papers, renews=renews,
            repairs=[one.strip() for one in data.get("repairs", "").splitlines() if one.strip()], **given,
        )  # fmt: skip


class FilingForm(PaperForm):
    on = Day(label="报备日期")

    def __init__(self, *args: Any, names: Sequence[str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.ask_papers(names)


class FileForm(VersionedForm):
    number = line("备案号", longest=60, required=False)
    missing = words("退回：所缺材料", required=False, help_text="一行一项；填了的退回，不填的给备案号")


class DayForm(VersionedForm):
    on = Day(label="日期")


class EndForm(VersionedForm):
    on = Day(label="终止日期（从这一天起不再履行）")
    reason = words("理由")


class PerformForm(VersionedForm):
    """What was done of one of the services that the contract has a standard for."""

    on = Day(label="日期")
    note = words("做了什么", help_text="地点、内容、结果")
    file = upload("照片（凭据）", required=False)

    def __init__(self, *args: Any, services: Iterable[str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["service"] = choice("哪项服务", {one: one for one in services})
        self.order_fields(["service"])


class RemarkForm(VersionedForm):
    kind = choice("种类", REMARKS)
    stage = choice("建设阶段", STAGES, required=False)
    text = words("内容")


class AnswerForm(VersionedForm):
    answer = words("答复")
    adopted = forms.BooleanField(label="采纳", required=False)


class OrderOutForm(VersionedForm):
    reason = words("责令退出的理由")
    leave_on = Day(label="拟退出日期")

    def __init__(self, *args: Any, path: str, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["company"] = pick("企业", units("property_company", path))
