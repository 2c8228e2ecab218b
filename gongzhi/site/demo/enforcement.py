"""Enforcement of the demonstration: teams and officers, a notice of dissuasion that became a case, an operation."""

from typing import TYPE_CHECKING, Any

from gongzhi.cases import services as cases
from gongzhi.cases.enforcement import services as enforcement
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.site.demo.patrols import photo

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

HOME, SECOND = "garden", "zjg"
SET_UP, PLANNED, FOUND, HELD, TOLD = 40, 12, 9, 6, 5
MATTER = "illegal_structure"


def load(stage: "Stage") -> None:
    """After the accounts."""
    shown = _Enforcement(stage)
    shown.presence()
    shown.dissuasion()
    shown.operation()


class _Enforcement:
    def __init__(self, stage: "Stage") -> None:
        self.stage = stage
        self.estate = stage.estates[HOME]

    def by(self, name: str, days: int, at: str) -> dict[str, Any]:
        now = self.stage.moment(days, at)
        return {"actor": Actor.of(self.stage.users[name], now), "now": now}

    def presence(self) -> None:
        """The street's team, and who of three departments answers for the estate; elsewhere one who came."""
        by = self.by("jiedao", SET_UP, "09:00")
        street, on = by["actor"].organisation, local_day(by["now"])
        team = enforcement.set_up_station(
            street, kind="team", name=f"{street}违建防控队", phone="0553-00000061", estates=[self.estate], opened_on=on,
            **by,
        )  # fmt: skip
        enforcement.name_officer(street, place=self.estate.place, name="周某", station=team, from_on=on, **by)
        for name, officer, phone in (("chengguan", "赵某", "0553-00000062"), ("gongan", "沈某", "0553-00000063"),
                                     ("xiaofang", "蒋某", "0553-00000064")):  # fmt: skip
            own = self.by(name, SET_UP, "10:00")
            unit = own["actor"].organisation
            enforcement.name_officer(unit, place=self.estate.place, name=officer, phone=phone, from_on=on, **own)
        there = self.stage.estates[SECOND]
        own = self.by("zjg-chengguan", SET_UP, "10:00")
        unit = own["actor"].organisation
        enforcement.name_officer(unit, place=there.place, name="孔某", phone="0512-00000099", from_on=on, **own)
        came = self.by("zjg-chengguan", HELD, "15:00")
        enforcement.record_entry(there, on=local_day(came["now"]), note="查看楼顶玻璃房拆除情况", **came)

    def dissuasion(self) -> None:
        """A roof being closed in: dissuaded in vain, told in writing, reported, stopped on the spot, evidence kept."""
        found = self.by("wuye", FOUND, "09:20")
        line = cases.register_problem(
            estate=self.estate, source="patrol", matter=MATTER, violation=True, found_at=found["now"], spot="3幢楼顶",
            text="楼顶正在搭建玻璃房", reporter="巡逻保安", stopped_at=found["now"], stopped_how="当面劝阻",
            extent="initial", **found,
        )  # fmt: skip
        own = self.by("wuye", FOUND, "10:00")
        line = cases.stop_problem(line, at=found["now"], how="当面劝阻，没有停工", effective=False, **own)
        enforcement.take_in(
            line, file=photo("搭建现场.png"), title="搭建现场照片", taken_at=found["now"], taken_where="3幢楼顶", **own
        )
        notice = enforcement.issue_notice(
            line, addressee="3幢顶层业主", demand="立即停止搭建，三日内自行拆除",
            to=self.by("shequ", FOUND, "10:00")["actor"].organisation, **own,
        )  # fmt: skip
        served = self.by("wuye", FOUND, "10:30")
        enforcement.serve_notice(
            notice, signing="refused", at=served["now"], witness="社区网格员", photo=photo("送达.png"), **served
        )
        line.refresh_from_db()
        case = line.opened_case
        assert case is not None  # noqa: S101 - a reported line is a case
        case = cases.report_in(case, **self.by("shequ", FOUND, "10:50"))
        cases.verify_on_site(case, note="正在搭建，当场责令停工", **self.by("shequ", FOUND, "11:20"))

    def operation(self) -> None:
        """Three departments come together; each says what it did."""
        by = self.by("chengguan", PLANNED, "09:00")
        units = [self.by(name, PLANNED, "09:00")["actor"].organisation for name in ("gongan", "xiaofang")]
        row = enforcement.plan_operation(
            by["actor"].place_path, kind="joint", title="占用消防通道和楼顶搭建联合执法",
            plan="先宣传，再现场查处，当日汇总。", planned_on=local_day(self.stage.moment(HELD, "09:00")), units=units,
            **by,
        )  # fmt: skip
        tasks = {
            name: enforcement.give_item(
                row, text=text, organisation=self.by(name, PLANNED, "09:30")["actor"].organisation, estate=self.estate,
                matter=matter, **self.by("chengguan", PLANNED, "09:30"),
            )
            for name, text, matter in (
                ("chengguan", "查处3幢楼顶搭建", MATTER), ("xiaofang", "清理2幢消防通道", "fire_lane"),
                ("gongan", "处理阻拦执法的人", "obstruction_of_duty"),
            )
        }  # fmt: skip
        on = local_day(self.stage.moment(HELD, "16:00"))
        row = enforcement.hold_operation(row, on=on, summary="两处现场整改", **self.by("chengguan", HELD, "16:00"))
        for name, result in (("chengguan", "责令停工并拆除骨架"), ("xiaofang", "清理车辆6台，张贴提示")):
            enforcement.tell_result(row, result=result, item=tasks[name], **self.by(name, TOLD, "10:00"))
        own = self.by("gongan", TOLD, "11:00")
        enforcement.tell_result(row, result="警告一人", item=tasks["gongan"], punished={"persons": 1}, **own)
        for name, result in (("gongan", "维持现场秩序"), ("xiaofang", "消防通道已畅通")):
            enforcement.tell_result(row, result=result, **self.by(name, TOLD, "11:30"))
