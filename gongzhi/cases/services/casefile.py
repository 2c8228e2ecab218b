"""A case as one package: cover, register, what happened, documents, files."""

import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from django.utils.html import escape

from gongzhi.cases.codes import ARCHIVE_ITEMS, CHANNELS
from gongzhi.cases.models import Case, CaseFile
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.cases import CaseView, case_view, timeline
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import Document, StoredFile

STYLE = (
    "body{font-family:serif;max-width:48em;margin:2em auto}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid;padding:.3em;text-align:left;vertical-align:top}"
)


def export_case_file(case: Case, *, actor: Actor, now: datetime) -> bytes:
    """A zip for whoever may see the case. The complainant is masked, or left out where he is hidden."""
    core.require(actor, "cases.read", case)
    view = case_view(case, actor)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("1-封面和目录.html", _cover(view, now))
        package.writestr("2-办理经过.html", _events(case, actor))
        package.writestr("3-依据.json", json.dumps(case.route or {}, ensure_ascii=False, indent=1))
        used: set[str] = set()
        for number, file in enumerate(_documents(case), start=1):
            _add(package, f"4-文书/{number:02d}-{file.name}", file, used)
        for number, row in enumerate(_files(case, hidden=view.complainant is None), start=1):
            kind = ARCHIVE_ITEMS.get(row.item, "其他")
            _add(package, f"5-材料/{number:02d}-{kind}-{row.file.name}", row.file, used)
    return packed.getvalue()


def _add(package: zipfile.ZipFile, name: str, file: StoredFile, used: set[str]) -> None:
    if name in used:
        return
    used.add(name)
    try:
        with core.open_file(file) as stream:
            package.writestr(name, stream.read())
    except FileNotFoundError:
        package.writestr(f"{name}.缺失.txt", f"文件已不在存储中，摘要 {file.sha256}")


def _documents(case: Case) -> list[StoredFile]:
    rows = Document.objects.filter(subject_kind="case", subject_id=str(case.pk)).select_related("file")
    return [row.file for row in rows.order_by("issued_at", "id") if row.file is not None]


def _files(case: Case, *, hidden: bool) -> list[CaseFile]:
    """What was handed in with the complaint may show who complained: it stays out where he is hidden."""
    rows = list(case.files.select_related("file").order_by("id"))
    return rows if hidden else [*case.complaint.files.select_related("file").order_by("id"), *rows]


def _cover(view: CaseView, now: datetime) -> str:
    case, complainant = view.case, view.complainant
    items = {row.item: row for row in case.archive_items.all()}
    facts = [
        ("案卷编号", case.number),
        ("查询编号", case.complaint.number),
        ("来源", CHANNELS[case.channel]),
        ("收到时间", _moment(case.received_at)),
        ("小区", case.estate.name if case.estate else ""),
        ("事项", asking.matter_name(case.matter, case)),
        ("事由", view.text),
        ("投诉人", f"{complainant['name']} {complainant['phone']}" if complainant else "保密"),
        ("主办单位", case.lead.name if case.lead else ""),
        ("办理结果", view.result),
        ("答复", view.answer),
        ("办结时间", _moment(case.closed_at)),
        ("归档时间", _moment(case.archived_at)),
        ("导出时间", _moment(now)),
    ]
    listed = [
        (name, ("无" if items[code].none else "有") if code in items else "未归档")
        for code, name in ARCHIVE_ITEMS.items()
    ]
    demo = "<p>示范数据</p>" if case.demo else ""
    return _page(
        f"案卷 {case.number}", f"{demo}<h1>{escape(view.title)}</h1>{_table(facts)}<h2>材料目录</h2>{_table(listed)}"
    )


def _events(case: Case, actor: Actor) -> str:
    rows = reversed(timeline(case, actor))
    lines = [(_moment(row.at), f"{row.title}（{row.actor_label}）{row.text}") for row in rows]
    return _page(f"办理经过 {case.number}", f"<h1>办理经过</h1>{_table(lines)}")


def _table(rows: Sequence[tuple[str, object]]) -> str:
    cells = "".join(f"<tr><th scope=row>{escape(name)}</th><td>{escape(value or '')}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _page(title: str, body: str) -> str:
    head = f"<meta charset=utf-8><title>{escape(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=zh-Hans><head>{head}</head><body>{body}</body></html>"


def _moment(value: datetime | None) -> str:
    return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}" if value else ""
