"""What is typed about public money: the fields of a claim are those that its scheme asks for."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import Organisation, Place
from gongzhi.funds.forms import Day, Yuan, choice, line, upload, words
from gongzhi.funds.public_money import services as money
from gongzhi.funds.public_money.models import Budget, PublicProject, SupportPolicy
from gongzhi.funds.public_money.queries import Scheme
from gongzhi.funds.public_money.questions import ASKED
from gongzhi.funds.public_money.words import (
    ENJOYED,
    EXPENSE_KINDS,
    ITEMS,
    PAYERS,
    POLICY_LEVELS,
    SELECTED,
    SUPPORTS,
)
from gongzhi.governance.votes.models import Motion
from gongzhi.policy.vocabulary import Fact
from gongzhi.registry.models import Estate, Unit

ASK = {one.name: one for one in ASKED}
POSTS = {"主任": "head", "副主任": "deputy", "委员": "member", "成员": "member", "调解员": "mediator"}
MOST_PLACES = 4
FEWEST_PARTS = 2
COUNTY_DEPTH = 3
YEARS = (2020, 2100)


def field_of(fact: Fact) -> forms.Field:
    """The form field of a fact, by its type."""
    kind = fact.type
    if kind.kind == "bool":
        return forms.TypedChoiceField(
            label=fact.title, choices=[("", "请选"), ("yes", "是"), ("no", "否")], required=False, empty_value=None,
            coerce=lambda text: text == "yes",
        )  # fmt: skip
    if kind.kind == "enum":
        return choice(fact.title, dict(zip(kind.choices, kind.labels or kind.choices, strict=True)), required=False)
    errors = {"invalid": "请填数字", "min_value": "不能是负数", "max_decimal_places": "小数位太多"}
    if kind.kind == "count":
        return forms.IntegerField(label=fact.title, min_value=0, required=False, error_messages=errors)
    unit = {"yuan": "（元）", "m2": "（平方米）", "yuan/month": "（元/月）"}.get(kind.unit or "", "")
    return forms.DecimalField(
        label=f"{fact.title}{unit}", min_value=Decimal(0), decimal_places=MOST_PLACES, required=False,
        error_messages=errors,
    )  # fmt: skip


def asked(field: forms.Field | None) -> None:
    """The document asks for it and its rule refuses without it: the label must not say that it may be left out."""
    if field is not None:
        field.says_optional = False  # type: ignore[attr-defined]


class BareForm(VersionedForm):
    """A question with no fields: the button is the answer."""


def companies(path: str) -> Any:
    """Property companies with a seat at or above or below the place: a company serves where it is not seated."""
    county = "/".join(path.strip("/").split("/")[:COUNTY_DEPTH]) + "/"
    rows = Organisation.objects.filter(role="property_company", active=True, place_path__startswith=county)
    return rows.order_by("name")


class ClaimForm(VersionedForm):
    from_on = Day(label="自")
    to_on = Day(label="至")

    def __init__(
        self, *args: Any, scheme: Scheme, estate: Estate | None, own: QuerySet[Unit] | None = None, **given: Any
    ) -> None:
        """`own`: an owner chooses among these units alone."""
        super().__init__(*args, **given)
        self.scheme, self.estate = scheme, estate
        rules = scheme.rules
        if rules["holder"] == "unit" and estate is not None:
            every = own if own is not None else Unit.objects.all()
            units = every.filter(building__estate=estate).select_related("building")
            self.fields["unit"] = forms.ModelChoiceField(
                units.order_by("building__name", "name"), label="房屋", empty_label="请选",
                error_messages={"required": "请选房屋"},
            )  # fmt: skip
        self._ask_whom(scheme)
        for name in rules.get("asks") or ():
            self.fields[name] = field_of(ASK[name])
        if rules.get("honour"):
            self.fields["asked"].help_text = "只给荣誉、没有奖金的不填"
        if scheme.code == "market_service" and estate is not None:
            motions = Motion.objects.filter(vote__estate=estate, outcome="passed").select_related("vote")
            self.fields["decided_by"] = forms.ModelChoiceField(
                motions.order_by("-pk"), label="依据的业主表决", required=False, empty_label="请选"
            )
        if scheme.code == "policy_support":
            self.fields["policy"] = forms.ModelChoiceField(
                SupportPolicy.objects.all(),
                label="扶持政策",
                empty_label="请选",
                error_messages={"required": "请选政策"},
            )
        if rules.get("once"):
            self.fields["occasion"] = line("事由", help_text="如表彰名称、活动名称、第几期；同一事由只发一次")
        self.fields["payee"] = line("收款人", required=False, help_text=f"不填则为{rules.get('payee') or '申请单位'}")
        for number, name in enumerate(rules.get("papers") or ()):
            self.fields[f"paper_{number}"] = upload(str(name), required=False)
        for name in ("decided_by", "cases", *(() if rules.get("honour") else rules.get("asks") or ())):
            asked(self.fields.get(name))
        for number in range(len(rules.get("papers") or ())):
            asked(self.fields[f"paper_{number}"])

    def _ask_whom(self, scheme: Scheme) -> None:
        if scheme.rules["lines"] in ("member", "case"):
            self.fields["people"] = words(
                "受益人", help_text="一行一人：姓名 任职起日 任职止日（在任的不填） 职务，用空格隔开"
            )
        if scheme.rules["lines"] == "case":
            self.fields["cases"] = words(
                "办结的案件", required=False, help_text="一行一件：案件编号 办结日期 几人分（一人办的不填）"
            )
        if scheme.of_one_person:
            self.fields["person"] = line("获奖人姓名")

    def offer_companies(self, path: str) -> None:
        """Of a person: where he works, which may be nowhere."""
        person = self.scheme.of_one_person
        self.fields["organisation"] = forms.ModelChoiceField(
            companies(path), label="所在企业" if person else "企业", empty_label="不在物业企业" if person else "请选",
            required=not person, error_messages={"required": "请选企业"},
        )  # fmt: skip

    def clean_people(self) -> list[money.Person]:
        return [_person(text) for text in _rows(self.cleaned_data["people"])]

    def clean_cases(self) -> list[money.DoneCase]:
        return [_case(text) for text in _rows(self.cleaned_data["cases"])]

    def whom(self) -> list[money.Person]:
        """Whom it is for, by name: those listed, or the one who is awarded."""
        name = self.cleaned_data.get("person")
        if name:
            return [money.Person(name, self.cleaned_data["from_on"])]
        return self.cleaned_data.get("people") or []

    def papers(self) -> list[tuple[str, Any]]:
        """Each paper that was uploaded, by its name."""
        listed = enumerate(self.scheme.rules.get("papers") or ())
        found = [(str(name), self.cleaned_data.get(f"paper_{number}")) for number, name in listed]
        return [(name, file) for name, file in found if file]

    def given(self) -> dict[str, Any]:
        names = self.scheme.rules.get("asks") or ()
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name) not in (None, "")}


def _rows(text: str) -> list[list[str]]:
    return [row.split() for row in text.splitlines() if row.strip()]


def _day(text: str, row: Sequence[str]) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise forms.ValidationError(f"“{' '.join(row)}”里的日期请写成 2026-06-01 这样") from None


def _person(row: list[str]) -> money.Person:
    if len(row) < FEWEST_PARTS:
        raise forms.ValidationError(f"“{' '.join(row)}”缺任职起日，请写：姓名 起日 止日 职务")
    name, begin, *rest = row
    post = POSTS.get(rest[-1], "") if rest else ""
    days = rest[:-1] if post else rest
    return money.Person(name, _day(begin, row), _day(days[0], row) if days else None, post or "member")


def _case(row: list[str]) -> money.DoneCase:
    if len(row) < FEWEST_PARTS:
        raise forms.ValidationError(f"“{' '.join(row)}”缺办结日期，请写：编号 办结日期 几人分")
    number, closed, *rest = row
    if rest and not (rest[0].isdigit() and int(rest[0])):
        raise forms.ValidationError(f"“{' '.join(row)}”里几人分请写数字")
    return money.DoneCase(number, _day(closed, row), int(rest[0]) if rest else 1)


class ClaimStepForm(VersionedForm):
    on = Day(label="日期")

    def __init__(self, *args: Any, step: str, opinions: Sequence[str], must_say: bool, **given: Any) -> None:
        super().__init__(*args, **given)
        if step in opinions:
            self.fields["agreed"] = forms.ChoiceField(
                label="意见", choices=[("yes", "同意"), ("back", "退回补正"), ("no", "不予补贴")], initial="yes",
                widget=forms.RadioSelect,
            )  # fmt: skip
        self.fields["opinion"] = words(
            "说明", required=must_say, help_text="有须人工核定的情形，同意也要写理由" if must_say else ""
        )
        if step == "pay":
            self.fields["voucher"] = upload("支付凭证", required=False)
            asked(self.fields["voucher"])
        else:
            self.fields["paper"] = upload("附件", required=False)


class MorePapersForm(VersionedForm):
    item = line("材料名称", longest=60, required=False)
    paper = upload("补充材料", required=False)


class ReinvestForm(VersionedForm):
    amount_fen = Yuan("金额")
    on = Day(label="日期")
    text = line("改造内容", longest=200)
    voucher = upload("凭证", required=False, help_text="没有凭证的不计入")

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        asked(self.fields["voucher"])


class BudgetForm(VersionedForm):
    place = forms.ModelChoiceField(
        Place.objects.none(), label="地区", empty_label="请选", error_messages={"required": "请选地区"}
    )
    payer = choice("出资方", PAYERS)
    year = forms.IntegerField(label="年度", min_value=YEARS[0], max_value=YEARS[1])
    item = choice("科目", ITEMS)
    sign = forms.ChoiceField(label="安排还是核减", choices=[("grant", "安排（追加）"), ("cut", "核减")])
    amount_fen = Yuan("金额")
    holder = forms.ChoiceField(
        label="专给谁用", required=False, help_text="不选就是本级共用；选了的只能由它支出，不与共用的混用"
    )
    posts = forms.IntegerField(label="核定人数", min_value=0, required=False)
    on = Day(label="日期")
    basis = line("依据文件", longest=200)
    file = upload("文件", required=False)

    def offer(self, holders: Mapping[str, str]) -> None:
        """`holders`: kind:id of a committee or a street, and its name."""
        fields: Any = self.fields
        fields["holder"].choices = [("", "本级共用"), *holders.items()]


class ShiftForm(VersionedForm):
    target = forms.ModelChoiceField(
        Budget.objects.none(), label="调剂到", empty_label="请选", error_messages={"required": "请选科目"}
    )
    amount_fen = Yuan("金额")
    on = Day(label="日期")
    basis = line("依据文件", longest=200)


class PublishBudgetForm(VersionedForm):
    year = forms.IntegerField(label="年度", min_value=YEARS[0], max_value=YEARS[1])


class SpendForm(VersionedForm):
    kind = choice("用途", EXPENSE_KINDS)
    amount_fen = Yuan("金额")
    text = line("事由", longest=200)
    payee = line("收款人")
    on = Day(label="日期")
    estate = forms.ModelChoiceField(Estate.objects.none(), label="小区", required=False, empty_label="不限小区")
    project = forms.ModelChoiceField(
        PublicProject.objects.none(), label="项目", required=False, empty_label="没有项目",
        help_text="改造、维护和大额支出要有走完程序的项目",
    )  # fmt: skip
    paper = upload("申请材料", required=False)


class ApproveForm(VersionedForm):
    agreed = forms.ChoiceField(
        label="意见", choices=[("yes", "同意"), ("no", "不同意")], initial="yes", widget=forms.RadioSelect
    )
    opinion = words("说明", required=False)


class PaidForm(VersionedForm):
    on = Day(label="支付日期")
    voucher = upload("支付凭证", required=False)


class WithdrawForm(VersionedForm):
    reason = words("撤回的理由")


class DoubtForm(VersionedForm):
    text = words("疑点")
    asked_of = forms.ChoiceField(label="由谁说明")


class ReplyDoubtForm(VersionedForm):
    reply = words("说明")


class ProjectForm(VersionedForm):
    title = line("项目")
    year = forms.IntegerField(label="年度", min_value=YEARS[0], max_value=YEARS[1])
    estate = forms.ModelChoiceField(Estate.objects.none(), label="小区", required=False, empty_label="不限小区")
    amount_fen = Yuan("预算")

    def __init__(self, *args: Any, emergencies: Sequence[str], **given: Any) -> None:
        super().__init__(*args, **given)
        if emergencies:
            choices = [("", "不紧急，先报批"), *((one, one) for one in emergencies)]
            self.fields["emergency"] = forms.ChoiceField(
                label="紧急情形", choices=choices, required=False,
                help_text="紧急的可以没有批文先维修，完工后补办报批，补办以前不能支付。",
            )  # fmt: skip


class ProjectStepForm(VersionedForm):
    on = Day(label="日期")

    def __init__(self, *args: Any, step: str, **given: Any) -> None:
        super().__init__(*args, **given)
        if step == "select":
            self.fields["contractor"] = line("施工单位")
            self.fields["selected"] = choice("选定方式", SELECTED)
        if step == "audit":
            self.fields["quoted_fen"] = Yuan("报审金额", required=False)
            self.fields["audited_fen"] = Yuan("审定金额")
        self.fields["file"] = upload("附件", required=False)
        self.fields["note"] = words("说明", required=False)


class PolicyForm(VersionedForm):
    kind = choice("类别", SUPPORTS)
    level = choice("级别", POLICY_LEVELS)
    title = line("名称")
    basis = line("文件和章节", longest=200)
    conditions = words("条件", required=False)
    from_on = Day(label="自")
    to_on = Day(label="至", required=False)
    cap_fen = Yuan("每年上限", required=False)
    times_a_year = forms.IntegerField(label="每年几次", min_value=1, required=False)
    file = upload("文件", required=False)


class EnjoyForm(VersionedForm):
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="企业", empty_label="请选", error_messages={"required": "请选企业"}
    )
    year = forms.IntegerField(label="年度", min_value=YEARS[0], max_value=YEARS[1])
    state = choice("认定", ENJOYED)
    amount_fen = Yuan("享受金额", required=False)
    on = Day(label="日期")
    note = words("说明", required=False)


class PreparatoryForm(VersionedForm):
    account = line("指定账户", longest=60)
    registration_on = Day(label="首次登记日期", required=False)


class ReceiptForm(VersionedForm):
    amount_fen = Yuan("金额")
    on = Day(label="到账日期")
    account = line("收款账户", longest=60)
