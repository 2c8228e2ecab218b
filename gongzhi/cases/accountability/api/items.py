"""Tasks, inspections, orders, talks, referrals and clues for other programs.

Seven kinds of rows with one shape and one way to act on them: an act is a form and the service behind it, as on screen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from gongzhi.cases.accountability import forms
from gongzhi.cases.accountability.models import Clue, Finding, Referral, Talk
from gongzhi.cases.accountability.models.tasks import SOURCES
from gongzhi.cases.accountability.queries import tasks as queries
from gongzhi.cases.accountability.queries.sheets import sheets_for
from gongzhi.cases.accountability.queries.sheets import wanted as signers_of
from gongzhi.cases.accountability.references import reads as may_read
from gongzhi.cases.accountability.services import inspections, sheets, tasks, trust
from gongzhi.cases.accountability.views.common import may
from gongzhi.cases.accountability.views.tasks import ACTS as TASK_ACTS
from gongzhi.cases.accountability.views.tasks import STATES, acts_for, in_state
from gongzhi.cases.accountability.views.trust import officials
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.apikit.calls import Call, call_of, changes, creates, matched, reads, tagged
from gongzhi.core.apikit.filling import Filled, FormField, described, filled
from gongzhi.core.apikit.paging import Page, Paging, keys, page_of
from gongzhi.core.apikit.shapes import FileOut, RowId, Unit, code, unit_of
from gongzhi.core.days import local_day
from gongzhi.core.models import Organisation
from gongzhi.registry import queries as registry

router = Router(tags=["督查、任务和问责"])

FIRST_YEAR, LAST_YEAR = 2000, 2199


class ItemOut(Schema):
    kind: str = Field(description="种类：task、inspection、finding、sheet、talk、referral、clue")
    id: int = Field(description="编号")
    title: str = Field(description="标题")
    state: str = Field(description="状态代码；没有状态的为空")
    unit: Unit | None = Field(description="责任单位、被查单位或者整改单位")
    due_on: date | None = Field(description="期限")
    text: str = Field(description="要求、问题或者事由")
    version: int = Field(description="版本，与 ETag 相同")
    acts: list[str] = Field(description="这个岗位现在可以办的")


@dataclass(frozen=True)
class Doing:
    """One act: who is offered it, its form, the service behind it."""

    title: str
    allowed: Callable[[Any, Call], bool]
    form: Callable[[Any, Call], Any]
    run: Callable[[Any, dict[str, Any], Call], Any]


@dataclass(frozen=True)
class Kind:
    """`seen`: the rows that the actor sees. `made`: right, form and service of a new one."""

    title: str
    seen: Callable[[Actor], QuerySet[Any]]
    unit: str
    text: str
    acts: Mapping[str, Doing] = field(default_factory=dict)
    made: tuple[str, Callable[[Call], Any], Callable[[dict[str, Any], Call], Any]] | None = None


def _who(call: Call) -> dict[str, Any]:
    return {"actor": call.actor, "now": call.now}


def _of(form: Callable[..., Any], **more: Any) -> Callable[[Any, Call], Any]:
    """The form's maker with what it always gets; the row's version goes along when it is filled in."""
    return lambda row, call: lambda *data, **given: form(*data, **more, **given)


def _right(name: str, when: Callable[[Any], bool], on: str = "") -> Callable[[Any, Call], bool]:
    return lambda row, call: when(row) and core.may(call.actor, name, getattr(row, on) if on else row)


def _below(actor: Actor, seen: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(place_path__startswith=actor.place_path) if may(actor, seen) else rows.none()


def _inspections(actor: Actor) -> QuerySet[Any]:
    rows: QuerySet[Any] = queries.inspections_for(actor)
    return rows if may(actor, "accountability.read_inspections") else rows.none()


def _findings(actor: Actor) -> QuerySet[Any]:
    rows = Finding.objects.select_related("inspection", "unit", "estate", "document")
    if may(actor, "accountability.read_inspections"):
        return rows.filter(inspection__in=queries.inspections_for(actor).order_by().values("pk"))
    return rows.filter(unit=actor.organisation, sent_at__isnull=False) if actor.organisation else rows.none()


def _talks(actor: Actor) -> QuerySet[Any]:
    return _below(actor, "accountability.read_talks", Talk.objects.select_related("unit", "duty", "document"))


def _referrals(actor: Actor) -> QuerySet[Any]:
    return _below(actor, "accountability.read_talks", Referral.objects.select_related("unit", "to", "duty", "document"))


def _clues(actor: Actor) -> QuerySet[Any]:
    rows = Clue.objects.seen_by(actor).select_related("unit", "body", "person")
    if may(actor, "accountability.record_clue"):
        return rows.filter(place_path__startswith=actor.place_path)
    return rows.filter(body=actor.organisation) if actor.organisation is not None else rows.none()


def _note_form(row: Any, call: Call) -> Any:
    drawn = [one.estate_id for one in row.estates.all()]
    estates = registry.estates_within(row.inspected.place_path if row.inspected is not None else row.place_path)
    given = {"units": queries.units_below(call.actor), "estates": estates.filter(pk__in=drawn) if drawn else estates}
    return lambda *data, **more: forms.FindingForm(*data, **given, **more)


def _noted(row: Any, data: dict[str, Any], call: Call) -> Any:
    data.pop("version", None)
    inspections.note_finding(row, **data, **_who(call))
    return row


def _checked(row: Any, data: dict[str, Any], call: Call) -> Any:
    passed, days = data.pop("passed") == "yes", data.pop("days") or 0
    return inspections.check_finding(row, **data, passed=passed, days=days, **_who(call))


def _answered(row: Any, data: dict[str, Any], call: Call) -> Any:
    files = [data["file"]] if data["file"] else []
    return inspections.answer_finding(row, text=data["text"], files=files, version=data["version"], **_who(call))


def _opened(data: dict[str, Any], call: Call) -> Any:
    return inspections.open_inspection(**{**data, "draw": data["draw"] or 0}, **_who(call))


def _clue(data: dict[str, Any], call: Call) -> Any:
    file = data.pop("file")
    return trust.record_clue(**data, files=[file] if file else [], **_who(call))


def _clue_form(call: Call) -> Any:
    path = call.actor.place_path
    units = Organisation.objects.filter(place_path__startswith=path, kind__in=("office", "department"), active=True)
    people = officials(path, on=local_day(call.now))
    return lambda *data, **more: forms.ClueForm(*data, units=units.order_by("place_path", "pk"), people=people, **more)


def give_form(call: Call) -> Any:
    pack = core.pack_for(call.actor.place_path, local_day(call.now))
    divisions = queries.divided_names(pack, on=local_day(call.now)) if pack is not None else []
    return lambda *data, **more: forms.GiveForm(
        *data, units=queries.units_below(call.actor), divisions=divisions, within=call.actor.place_path, **more
    )


def _units(form: Any) -> Callable[[Any, Call], Any]:
    return lambda row, call: lambda *data, **more: form(*data, units=queries.units_below(call.actor), **more)


_TASK_NAMES = {
    "qianshou": "sign_for",
    "fankui": "feed_back",
    "baojie": "report_done",
    "xianchang": "visit",
    "yanshou": "verify",
    "tongbao": "censure",
}


def _task_acts() -> dict[str, Doing]:
    def doing(act: Any) -> Doing:
        return Doing(
            act.title,
            lambda row, call: act in acts_for(row, call.actor, call.now),
            lambda row, call: act.form,
            lambda row, data, call: act.do(row, **data, **_who(call)),
        )

    return {_TASK_NAMES[act.code]: doing(act) for act in TASK_ACTS}


_INSPECT = "accountability.inspect"

KINDS: dict[str, Kind] = {
    "task": Kind(
        "交办任务", queries.tasks_for, "unit", "text", _task_acts(),
        ("accountability.hand_out", give_form, lambda data, call: tasks.give_tasks(**data, **_who(call))[0]),
    ),
    "inspection": Kind(
        "督查", _inspections, "inspected", "result",
        {
            "note": Doing("记录发现的问题", _right(_INSPECT, lambda row: row.closed_at is None), _note_form, _noted),
            "close": Doing(
                "结束督查", _right(_INSPECT, lambda row: row.closed_at is None), _of(forms.TextForm, label="督查结果"),
                lambda row, data, call: inspections.close_inspection(
                    row, result=data["text"], version=data["version"], **_who(call)
                ),
            ),
        },
        (_INSPECT, lambda call: _units(forms.InspectionForm)(None, call), _opened),
    ),
    "finding": Kind(
        "督查发现的问题", _findings, "unit", "text",
        {
            "send": Doing(
                "交办", _right(_INSPECT, lambda row: not row.sent, "inspection"), _of(forms.Plain),
                lambda row, data, call: inspections.send_finding(row, version=data["version"], **_who(call)),
            ),
            "answer": Doing(
                "反馈整改",
                _right("accountability.answer_finding", lambda row: row.sent and row.feedback_at is None),
                _of(forms.TextFileForm, label="整改情况"), _answered,
            ),
            "check": Doing(
                "复核",
                _right(_INSPECT, lambda row: row.feedback_at is not None and row.rectified_at is None, "inspection"),
                _of(forms.CheckForm), _checked,
            ),
        },
    ),
    "sheet": Kind(
        "交办单和督查通报", sheets_for, "", "origin",
        {
            "sign": Doing(
                "签发、会签", _right("accountability.sign_sheet", lambda row: row.sent_at is None), _of(forms.Plain),
                lambda row, data, call: sheets.sign_sheet(row, version=data["version"], **_who(call)),
            ),
            "send": Doing(
                "下发", _right("accountability.send_sheet", lambda row: row.sent_at is None), _of(forms.Plain),
                lambda row, data, call: sheets.send_sheet(row, version=data["version"], **_who(call)),
            ),
        },
    ),
    "talk": Kind(
        "约谈", _talks, "unit", "",
        {
            "record": Doing(
                "登记约谈记录", _right("accountability.talk", lambda row: True), _of(forms.RecordForm),
                lambda row, data, call: trust.hold_talk(row, **data, **_who(call)),
            )
        },
    ),
    "referral": Kind(
        "问责建议", _referrals, "unit", "reason",
        {
            "answer": Doing(
                "反馈问责情况",
                _right("accountability.answer_referral", lambda row: row.state not in ("held", "declined")),
                _of(forms.ReferralForm), lambda row, data, call: trust.answer_referral(row, **data, **_who(call)),
            )
        },
    ),
    "clue": Kind(
        "问题线索", _clues, "unit", "text",
        {
            "transfer": Doing(
                "移送", _right("accountability.record_clue", lambda row: row.transferred_at is None),
                _units(forms.BodyForm), lambda row, data, call: trust.transfer_clue(row, **data, **_who(call)),
            ),
            "conclude": Doing(
                "登记处理结果",
                _right(
                    "accountability.conclude_clue",
                    lambda row: row.transferred_at is not None and row.concluded_at is None,
                ),
                _of(forms.ConcludeForm), lambda row, data, call: trust.conclude_clue(row, **data, **_who(call)),
            ),
        },
        ("accountability.record_clue", _clue_form, _clue),
    ),
}  # fmt: skip


def _kind(name: str) -> Kind:
    found = KINDS.get(name)
    if found is None:
        raise Http404
    return found


def item_out(row: Any, name: str, call: Call) -> dict[str, Any]:
    kind = KINDS[name]
    return {
        "kind": name,
        "id": row.pk,
        "title": str(getattr(row, "title", "") or row),
        "state": str(getattr(row, "state", "")),
        "unit": unit_of(getattr(row, kind.unit)) if kind.unit else None,
        "due_on": getattr(row, "due_on", None),
        "text": str(getattr(row, kind.text, "") or "") if kind.text else "",
        "version": row.version,
        "acts": [one for one, doing in kind.acts.items() if doing.allowed(row, call)],
    }


def _row(name: str, pk: int, call: Call) -> Any:
    row = _kind(name).seen(call.actor).filter(pk=pk).first()
    if row is None or (name in ("talk", "referral", "finding") and not may_read(call.actor, row)):
        raise Http404
    return row


_WORDS = "种类：" + "、".join(f"{name} {kind.title}" for name, kind in KINDS.items())


class ItemFilter(Paging):
    kind: str = code("哪一种", {name: kind.title for name, kind in KINDS.items()}, "task")
    source: str = code("任务的来源；别的种类不看", SOURCES)
    year: int | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR, description="任务期限在哪一年；别的种类不看")
    month: int | None = Field(None, ge=1, le=12, description="任务期限在哪一月；别的种类不看")
    unit: int | None = Field(None, ge=1, le=2**63 - 1, description="任务的责任单位；别的种类不看")
    state: str = code("任务办得怎样；别的种类不看", STATES)

    def tasks(self, rows: QuerySet[Any], call: Call) -> QuerySet[Any]:
        wanted = {"source": self.source, "due_on__year": self.year, "due_on__month": self.month, "unit_id": self.unit}
        return in_state(rows.filter(**{name: one for name, one in wanted.items() if one}), self.state, call.now)


@reads(router, "/accountability/items", scope="accountability:read", response=Page[ItemOut], summary="督查和问责的列表")
def list_items(request: HttpRequest, given: Query[ItemFilter]) -> dict[str, Any]:
    call = call_of(request)
    rows = _kind(given.kind).seen(call.actor)
    if given.kind == "task":
        rows = given.tasks(rows, call)
    of = f"items:{given.dict(exclude={'cursor', 'limit'})}"
    return page_of(rows, lambda row: item_out(row, given.kind, call), by=keys("-id"), given=given, of=of)


class EntryOut(Schema):
    at: datetime = Field(description="时间")
    title: str = Field(description="做了什么")
    unit: Unit | None = Field(description="哪个单位")
    who: str = Field(description="办理人")
    text: str = Field(description="内容")
    spot: str = Field(description="地点")
    file: int | None = Field(description="附件的文件编号")


class PartOut(Schema):
    id: int | None = Field(description="编号：任务、督查发现的问题；还没有成为任务的为空")
    text: str = Field(description="事项或者问题")
    unit: Unit | None = Field(description="责任单位")
    estate: str = Field(description="小区；不针对小区的为空")
    due_on: date | None = Field(description="期限")


class ItemFull(ItemOut):
    details: dict[str, str] = Field(description="其余各项，名称对应内容")
    parts: list[PartOut] = Field(description="交办单的各项，或者督查发现的各个问题")
    estates: list[str] = Field(description="督查抽到的小区，先后为序")
    missing: str = Field(description="交办单还缺谁签字；不缺的为空")
    entries: list[EntryOut] = Field(description="任务的经过，新的在前")
    documents: list[int] = Field(description="文书编号")
    files: list[FileOut] = Field(description="文件")


# What is said of each kind beyond what all have.
_DETAILS: dict[str, tuple[str, ...]] = {
    "task": ("number", "source", "division", "given_at", "signed_at", "done_at", "verified_at", "failures"),
    "inspection": ("number", "opened_at", "opened_label", "seed", "drawn_from", "closed_at"),
    "finding": ("found_at", "sent_at", "feedback", "feedback_at", "rectified_at", "result"),
    "sheet": ("kind", "drafted_at", "drafted_label", "sent_at"),
    "talk": ("person", "planned_at", "room", "held_at", "held_label", "record"),
    "referral": ("referred_at", "answered_at", "answer"),
    "clue": (
        "number", "position", "behaviour", "recorded_at", "recorded_label", "transferred_at", "result", "result_text",
        "concluded_at",
    ),
}  # fmt: skip


def _details(row: Any, kind: str) -> dict[str, str]:
    found = {}
    for name in _DETAILS[kind]:
        value = getattr(row, name)
        words = getattr(row, f"get_{name}_display", None)
        shown = words() if words is not None else value.isoformat() if hasattr(value, "isoformat") else value
        found[str(row._meta.get_field(name).verbose_name)] = "" if shown is None else str(shown)
    return found


def _full(row: Any, kind: str, call: Call) -> dict[str, Any]:
    entries = row.entries.select_related("organisation").order_by("-at", "-pk") if kind == "task" else ()
    signers = signers_of(row, on=local_day(call.now)) if kind == "sheet" and row.sent_at is None else None
    return {
        **item_out(row, kind, call),
        "details": _details(row, kind),
        "parts": _parts(row, kind),
        "estates": [one.estate.name for one in row.estates.select_related("estate").order_by("position")]
        if kind == "inspection"
        else [],
        "missing": signers.missing(row) if signers is not None else "",
        "entries": [
            {
                "title": one.get_kind_display(),
                "unit": unit_of(one.organisation),
                "who": one.actor_label,
                "file": one.file_id,
                **{name: getattr(one, name) for name in ("at", "text", "spot")},
            }
            for one in entries
        ],
        "documents": [one.pk for one in core.documents_of(row.ref)],
        "files": core.files_of(row.ref),
    }


def _parts(row: Any, kind: str) -> list[dict[str, Any]]:
    if kind == "sheet":
        items = row.items.select_related("unit")
        return [_part(one.task_id, one, "") for one in items]
    if kind == "inspection":
        found = row.findings.select_related("unit", "estate").order_by("pk")
        return [_part(one.pk, one, one.estate.name if one.estate else "") for one in found]
    return []


def _part(pk: int | None, one: Any, estate: str) -> dict[str, Any]:
    return {"id": pk, "text": one.text, "unit": unit_of(one.unit), "estate": estate, "due_on": one.due_on}


@reads(
    router,
    "/accountability/items/{kind}/{pk}",
    scope="accountability:read",
    response=ItemFull,
    summary="一件督查、任务或者问责",
    description=_WORDS,
)
def read_item(request: HttpRequest, kind: str, pk: RowId) -> dict[str, Any]:
    call = call_of(request)
    row = _row(kind, pk, call)
    tagged(request, row)
    return _full(row, kind, call)


def _made(name: str, call: Call) -> tuple[Any, Any]:
    made = _kind(name).made
    if made is None:
        raise Http404
    core.require(call.actor, made[0], call.actor.organisation)
    return made[1](call), made[2]


@reads(
    router,
    "/accountability/forms/{kind}",
    scope="accountability:read",
    response=list[FormField],
    summary="新建一件要填什么",
    description="可以新建的：task、inspection、clue。",
)
def describe_new(request: HttpRequest, kind: str) -> list[dict[str, Any]]:
    return described(_made(kind, call_of(request))[0]())


@creates(
    router,
    "/accountability/items/{kind}",
    scope="accountability:write",
    response=ItemOut,
    summary="交办任务、建督查单、登记线索",
    description="可以新建的：task、inspection、clue。",
)
def create_item(request: HttpRequest, kind: str, given: Filled) -> dict[str, Any]:
    call = call_of(request)
    form, run = _made(kind, call)
    row = run(filled(form, given.fields, owner=call.actor).cleaned_data, call)
    tagged(request, row)
    return item_out(row, kind, call)


def _doing(row: Any, kind: str, act: str, call: Call) -> Doing:
    found = KINDS[kind].acts.get(act)
    if found is None:
        raise Http404
    if not found.allowed(row, call):
        raise core.Refused("state", f"现在不能“{found.title}”，或者不归您办。", status=403)
    return found


@reads(
    router,
    "/accountability/items/{kind}/{pk}/acts/{act}",
    scope="accountability:read",
    response=list[FormField],
    summary="一种办法要填什么",
)
def describe_act(request: HttpRequest, kind: str, pk: RowId, act: str) -> list[dict[str, Any]]:
    call = call_of(request)
    row = _row(kind, pk, call)
    return described(_doing(row, kind, act, call).form(row, call)())


@changes(
    router,
    "/accountability/items/{kind}/{pk}/acts/{act}",
    scope="accountability:write",
    response=ItemOut,
    summary="办理一件督查、任务或者问责",
    description="；".join(
        f"{name}：" + "、".join(f"{one} {doing.title}" for one, doing in kind.acts.items())
        for name, kind in KINDS.items()
    ),
)
def do_act(request: HttpRequest, kind: str, pk: RowId, act: str, given: Filled) -> dict[str, Any]:
    call = call_of(request)
    row = _row(kind, pk, call)
    version = matched(request, row)
    doing = _doing(row, kind, act, call)
    form = filled(doing.form(row, call), given.fields, owner=call.actor, version=version)
    doing.run(row, form.cleaned_data, call)
    tagged(request, row)
    return item_out(row, kind, call)
