"""Equipment of the demonstration: lifts with their contracts and a fault, checks, permits, drainage, plans, drills."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import StoredFile
from gongzhi.core.refs import Ref
from gongzhi.equipment import services as equipment
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate, Facility

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

MORNING = "10:00"
BEGUN, CHECKED, ISSUED, LATELY = 150, 40, 12, 3
YEAR, SOON, HALF, LONG_AGO = 365, 20, 180, 400
LIFTS = 4
HOME, HIGH, PERMITTED, DRAINED, WORKS = "garden", "newyard", "zjg", "jy", "mx"
UPKEEP = "示范电梯维保有限公司"
POWER = "示范供电公司"


def units(stage: "Stage") -> None:
    """Before the accounts: who looks after the lifts, and who brings the power."""
    on = local_day(stage.moment(YEAR, MORNING))
    for role, name in (("upkeep_company", UPKEEP), ("utilities_company", POWER)):
        core.ensure_organisation(role, place=stage.county, name=name, on=on, demo=True)


def load(stage: "Stage") -> None:
    """After the accounts and contracts."""
    shown = _Equipment(stage)
    shown.lifts()
    shown.high_lifts()
    shown.fire()
    shown.ready()
    shown.permits()
    shown.drainage()
    shown.works()
    equipment.watch(stage.now)


class _Equipment:
    def __init__(self, stage: "Stage") -> None:
        self.stage = stage
        self.today = local_day(stage.now)
        self.upkeep = core.ensure_organisation("upkeep_company", place=stage.county, name=UPKEEP)

    def by(self, name: str, at: datetime) -> dict[str, Any]:
        return {"actor": Actor.of(self.stage.users[name], at), "now": at}

    def director(self, at: datetime) -> dict[str, Any]:
        return {"actor": self.stage.director, "now": at}

    def file(self, name: str, owner: Ref, at: datetime) -> StoredFile:
        upload = SimpleUploadedFile(f"{name}.txt", f"示范材料：{name}\n".encode())
        return core.store_file(upload, owner=owner, actor=self.stage.director, now=at)

    def piece(
        self, estate: Estate, kind: str, code: str, *, at: datetime, valid: int | None = None, **more: Any
    ) -> Facility:
        until = self.today + timedelta(days=valid) if valid is not None else None
        row = registry.register_facility(
            estate, kind=kind, code=code, location=more.pop("location", ""), valid_until=until, **self.director(at)
        )
        return registry.change_facility(row, changes=more, **self.director(at)) if more else row

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def lifts(self) -> None:
        """One expired, one soon; a contract that ends; a fault that was mended."""
        estate, at = self.stage.estates[HOME], self.stage.moment(BEGUN, MORNING)
        equipment.sign_contract(
            estate, contract="maintenance", kind="elevator", company=self.upkeep, party_a="property_company",
            from_on=self.ago(YEAR - SOON), to_on=self.today + timedelta(days=SOON), yearly_fen=4_800_000,
            **self.by("wuye", at),
        )  # fmt: skip
        for number in range(1, LIFTS + 1):
            valid = {1: -LATELY, 2: SOON}.get(number, HALF)
            row = self.piece(
                estate, "elevator", f"示范梯{number:02d}", at=at, valid=valid, location=f"{number}号楼",
                details={"设备代码": f"3110-示范-{number:04d}"}, upkeep=UPKEEP,
            )  # fmt: skip
            registry.inspect_facility(
                row, inspected_on=local_day(at), result="passed", valid_until=row.valid_until, **self.by("wuye", at)
            )
            if number == LIFTS:
                self.fault(estate, row)

    def fault(self, estate: Estate, row: Facility) -> None:
        at = self.stage.moment(LATELY, "08:10")
        fault = equipment.report_fault(
            estate, fault="stopped", kind="elevator", facility=row, text="停在6层，轿厢内没有人。", happened_at=at,
            **self.by("wuye", at),
        )  # fmt: skip
        fault = equipment.arrive(fault, at=at + timedelta(minutes=35), **self.director(at + timedelta(minutes=40)))
        done = at + timedelta(hours=2)
        equipment.fix(fault, at=done, outcome="更换门锁触点，试运行正常。", **self.director(done))

    def high_lifts(self) -> None:
        """High homes that were resettled: the street's contract, at the street's cost."""
        estate, at = self.stage.estates[HIGH], self.stage.moment(BEGUN, MORNING)
        given = self.by("qingshui", at)
        registry.record_fact(estate, name="high_rise", value=True, from_on=local_day(at), **given)
        row = equipment.sign_contract(
            estate, contract="maintenance", kind="elevator", company=self.upkeep, party_a="street_office",
            from_on=local_day(at), to_on=self.today + timedelta(days=SOON * 2), yearly_fen=7_200_000,
            tendered="示范招标〔2026〕1号", **given,
        )  # fmt: skip
        equipment.pay(
            row, payer_role="street_office", amount_fen=600_000, paid_on=self.ago(CHECKED), period="一期",
            **self.by("qingshui", self.stage.moment(LATELY, MORNING)),
        )  # fmt: skip
        for number in (1, 2):
            self.piece(estate, "elevator", f"新苑梯{number}", at=at, valid=HALF, upkeep=UPKEEP)

    def fire(self) -> None:
        """A check of several estates: one has mended what was found, one has not answered."""
        at = self.stage.moment(ISSUED, MORNING)
        estates = [self.stage.estates[key] for key in (HOME, HIGH, "home")]
        for one in estates:
            self.piece(one, "fire", "灭火器", at=at, quantity=100, intact=95 if one is estates[0] else 100)
        found = [
            equipment.Found("passage_blocked", "东门消防通道停了两辆车"),
            equipment.Found("clutter", "3号楼楼道堆放杂物"),
        ]
        check = equipment.issue(
            estates, directive="check", kind="fire", title="小区消防通道和设施检查",
            text="逐项自查整改，反馈落实情况。", due_on=self.today + timedelta(days=2), **self.by("xiaofang", at),
        )  # fmt: skip
        target = check.targets.get(estate=estates[0])
        for each in found:
            equipment.add_found(target, found=each, **self.by("xiaofang", at))
        then = self.stage.moment(LATELY, MORNING)
        first = target.defects.order_by("pk")[0]
        photo = self.file("整改照片", estates[0].ref, then)
        equipment.fix_defect(first, text="车辆已驶离，重新划线。", file=photo, **self.by("wuye", then))
        equipment.answer(target, text="通道已清，楼道正在清理。", **self.by("wuye", then))

    def ready(self) -> None:
        """Plans with people to call, a drill, an emergency under way."""
        estate, at = self.stage.estates[HOME], self.stage.moment(CHECKED, MORNING)
        contacts = [
            equipment.Contact("钱某", "总协调", self.stage.phone("340207")),
            equipment.Contact("值班室", "昼夜值守", self.stage.phone("340207")),
        ]
        for kind, title in (("general", "小区综合应急预案"), ("elevator", "电梯困人救援预案")):
            equipment.file_plan(
                estate, kind=kind, title=title, text="先疏散救人，再报告社区和镇街。", contacts=contacts,
                **self.by("wuye", at),
            )  # fmt: skip
        equipment.hold_drill(
            estate, kind="fire", held_on=local_day(at), participants=46, note="3号楼疏散演练。",
            photos=[self.file("演练照片", estate.ref, at)], **self.by("wuye", at),
        )  # fmt: skip
        then = self.stage.moment(1, "07:20")
        said = "暴雨后地下车库进水约10厘米。"
        row = equipment.report_emergency(estate, kind="flood", text=said, **self.by("wuye", then))
        equipment.note(row, kind="step", text="架设水泵2台，车辆已移出。", at=then, **self.by("wuye", then))

    def permits(self) -> None:
        """Civil defence works: one with its permit, one on its way."""
        estate, at = self.stage.estates[PERMITTED], self.stage.moment(CHECKED, MORNING)
        first = self.piece(estate, "civil_defence", "人防1", at=at, location="地下一层东区")
        second = self.piece(estate, "civil_defence", "人防2", at=at, location="地下一层西区")
        row = equipment.ask_permit(first, use="车库", **self.by("zjg-wuye", at))
        for step in ("review", "register", "issue"):
            row = equipment.step_permit(row, step=step, permit_number="示范防证1号", **self.by("zjg-zhujian", at))
        registry.change_facility(first, changes={"details": {"用途": "车库"}}, **self.by("zjg-wuye", at))
        then = self.stage.moment(LATELY, MORNING)
        row = equipment.ask_permit(second, use="仓库", **self.by("zjg-wuye", then))
        equipment.step_permit(row, step="review", note="同意", **self.by("zjg-zhujian", then))
        street = self.stage.moment(CHECKED, "14:00")
        place = core.place_at(estate.place_path, "street")
        if place is not None:
            equipment.file_plan(
                place, kind="service", title="物业应急服务预案", text="弃管、断供时三日内由备选企业接管。",
                contacts=[equipment.Contact("施某", "值守", self.stage.phone("320582"))],
                reserves=[self.stage.companies[PERMITTED]], **self.by("zjg-zhenban", street),
            )  # fmt: skip

    def drainage(self) -> None:
        """Drains with their levels and money; extinguishers that nobody looked at; a pilot with two of three."""
        estate, at = self.stage.estates[DRAINED], self.stage.moment(CHECKED, MORNING)
        for name in ("drainage_area", "elevator_pilot"):
            registry.record_fact(estate, name=name, value=True, from_on=local_day(at), **self.by("jy-zhujian", at))
        details = {"分级运维责任": "小区管网由物业企业运维", "底数清单": "已建"}
        self.piece(estate, "drainage", "雨污管网", at=at, details={**details, "运维经费（元）": "50000"})
        self.piece(estate, "fire", "灭火器", at=at, quantity=60, intact=57)
        for contract in ("insurance", "maintenance"):
            equipment.sign_contract(
                estate, contract=contract, kind="elevator", company=self.stage.companies[DRAINED],
                party_a="property_company", from_on=local_day(at), to_on=self.today + timedelta(days=HALF),
                **self.by("jy-wuye", at),
            )  # fmt: skip

    def works(self) -> None:
        """Works of civil defence whose upkeep was missed."""
        estate, at = self.stage.estates[WORKS], self.stage.moment(BEGUN, MORNING)
        details = {"使用单位": "物业企业"}
        row = self.piece(estate, "civil_defence", "人防工程", at=at, location="地下二层", details=details)
        registry.inspect_facility(
            row, inspected_on=self.ago(LONG_AGO), result="passed", item="upkeep", **self.by("mx-wuye", at)
        )
        self.piece(estate, "elevator", "示范梯", at=at, valid=HALF, location="1幢")
