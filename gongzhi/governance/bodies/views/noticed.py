"""What estates and bodies show of notices: the register of what was shown when, and what was said of it."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.governance.bodies.models import BodyNotice, NoticeReport
from gongzhi.governance.bodies.views.parts import Cell, Section, day

CSS = {"held": "gz-soon", "shown": "gz-ok", "taken_down": "gz-wait", "barred": "gz-over"}
PUT_UP = ("shown", "taken_down")


def state_of(row: BodyNotice, on: date) -> Cell:
    if row.state == "shown" and not row.on_show(on):
        return Cell("期满留存", css="gz-wait")
    return Cell("公示中" if row.state == "shown" else row.get_state_display(), css=CSS[row.state])


def register_section(rows: Iterable[BodyNotice], on: date, *, own: bool = False) -> Section:
    """What was shown when; those that were not put up only where `own`."""
    lines = [
        [
            Cell(one.title, url=reverse("bodies:shown", args=[one.pk]), sub=one.get_kind_display()),
            Cell(f"{day(one.shown_on)}至{day(one.closed_on or one.until_on)}"),
            state_of(one, on),
        ]
        for one in rows
        if own or one.state in PUT_UP
    ]
    return Section("shown", "公告", columns=("公告", "公示时间", "状态"), rows=lines, empty="还没有发布公告。")


def reports_section(rows: Iterable[NoticeReport], *, title: str = "异议和举报") -> Section:
    lines = [
        [
            Cell(one.get_kind_display(), url=reverse("bodies:report", args=[one.pk]), sub=day(core.local_day(one.at))),
            verdict(one),
        ]
        for one in rows
    ]
    return Section("reports-of-notices", title, columns=("事由", "结果"), rows=lines, empty="没有。")


def verdict(row: NoticeReport) -> Cell:
    if row.found_on is None:
        return Cell("待答复" if row.kind == "objection" else "待街道核实", css="gz-soon")
    if row.kind == "objection":
        return Cell("已采纳" if row.confirmed else "已答复", css="gz-ok", sub=day(row.found_on))
    return Cell(
        "属实" if row.confirmed else "不属实", css="gz-over" if row.confirmed else "gz-ok", sub=day(row.found_on)
    )
