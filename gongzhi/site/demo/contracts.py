"""Companies of the demonstration that are chosen, inspect, serve by contract and leave."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.contracts import services as contracts
from gongzhi.contracts.models import Procedure
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.core.refs import Ref

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

MORNING = "10:00"
SIGNED, CHOSEN, INSPECTED, LEAVING = 90, 20, 12, 6
YEAR, SOON, WEEKS = 365, 100, 60
SERVED, NEW, UNSERVED, LEFT = "garden", "newyard", "old", "home"


def units(stage: "Stage") -> None:
    """Before the accounts: who built where somebody has an account of the developer."""
    for row in stage.scene["accounts"]:
        if row["role"] == "developer":
            core.ensure_organisation(
                "developer",
                place=stage.estates[row["estate"]].place,
                name="某某置业有限公司",
                on=local_day(stage.moment(SIGNED, MORNING)),
                demo=True,
            )


def load(stage: "Stage") -> None:
    """After the accounts and bodies."""
    shown = _Contracts(stage)
    shown.contract()
    shown.choice()
    shown.takeover()
    shown.leaving()


class _Contracts:
    def __init__(self, stage: "Stage") -> None:
        self.stage = stage

    def by(self, name: str, at: datetime) -> dict[str, Any]:
        return {"actor": Actor.of(self.stage.users[name], at), "now": at}

    def file(self, name: str, owner: Ref, at: datetime) -> StoredFile:
        upload = SimpleUploadedFile(f"{name}.txt", f"示范材料：{name}\n".encode())
        return core.store_file(upload, owner=owner, actor=self.stage.director, now=at)

    def step(self, row: Procedure, step: str, name: str, at: datetime, *papers: str, **more: Any) -> Procedure:
        files = [(one, self.file(one, row.ref, at)) for one in papers]
        given = contracts.Taking(on=local_day(at), papers=files, **more)
        return contracts.take_step(row, step=step, given=given, **self.by(name, at))

    def contract(self) -> None:
        """A contract whose end is near."""
        at, estate = self.stage.moment(SIGNED, MORNING), self.stage.estates[SERVED]
        rules = core.ask(
            "contracts.terms", {"contract_kind": "service"}, place_path=estate.place_path, on=local_day(at)
        ).value
        row = contracts.sign_contract(
            estate, company=self.stage.companies[SERVED], kind="service",
            given=contracts.Terms(
                signed_on=local_day(at), manager_name="钱某", party_a="owners_committee",
                party_a_name=f"{estate.name}业主委员会",
                from_on=local_day(at), to_on=local_day(self.stage.now) + timedelta(days=SOON), grade="二级",
                fee="1.60元/平方米·月", decision="业主大会选聘决议（示范）",
                terms=dict.fromkeys((*rules["required"], *rules.get("listed", ())[:2]), "见合同正文"),
                services=dict.fromkeys(rules.get("services", ()), "按二级标准"), repairs=["楼道灯", "单元门禁"],
                papers=[(contracts.WRITTEN, self.file("书面合同", estate.ref, at))],
            ),
            **self.by("yeweihui", at),
        )  # fmt: skip
        contracts.ask_filing(row, on=local_day(at), **self.by("wuye", at))

    def choice(self) -> None:
        """The street chooses for an estate that nobody serves."""
        at, estate = self.stage.moment(CHOSEN, MORNING), self.stage.estates[UNSERVED]
        given = contracts.Opening(reason="小区没有物业服务", plan="先做基本保洁和秩序维护")
        row = contracts.open_procedure(estate, kind="reselect", given=given, **self.by("jiedao", at))
        row = self.step(row, "announce", "jiedao", at, channel="other", reference="街道公告栏", note="征集基本服务")
        for key in (SERVED, NEW):
            company: Organisation = self.stage.companies[key]
            contracts.enter_bid(row, company=company, offer="0.50元/平方米·月", **self.by("jiedao", at))

    def takeover(self) -> None:
        """An inspection with something that does not work yet."""
        at, estate = self.stage.moment(INSPECTED, MORNING), self.stage.estates[NEW]
        developer = Organisation.objects.get(role="developer", place=estate.place)
        given = contracts.Opening(company=self.stage.companies[NEW], developer=developer)
        row = contracts.open_procedure(estate, kind="takeover", given=given, **self.by("kaifa", at))
        first, second = row.rules["groups"][:2]
        lines = [
            contracts.Line(first, "屋面", state="ok"),
            contracts.Line(first, "外墙", state="ok"),
            contracts.Line(second, "电梯", expected=8, found=8, state="ok"),
            contracts.Line(
                second, "消防水泵", expected=4, found=3, state="defect", defect="quantity", note="4号泵未安装"
            ),
        ]
        row = contracts.mark(row, lines=lines, **self.by("kaifa", at))
        row = self.step(row, "inspect", "kaifa", at)
        contracts.sign(
            row, party=row.parties.get(role="developer"), verdict="fit", on=local_day(at), **self.by("kaifa", at)
        )

    def leaving(self) -> None:
        """A company leaves; its list is half handed over."""
        at, estate = self.stage.moment(LEAVING, MORNING), self.stage.estates[LEFT]
        given = contracts.Opening(
            ground="application", reason="企业经营调整", leave_on=local_day(self.stage.now) + timedelta(days=WEEKS)
        )
        row = contracts.open_procedure(estate, kind="exit", given=given, **self.by("zhujian", at))
        row = self.step(row, "warn", "zhujian", at, note="收到企业书面申请")
        row = self.step(row, "approve", "zhujian", at, note="同意退出，交接办结前不得撤场")
        groups = row.rules["groups"]
        lines = [contracts.Line(one, f"{one}清单", state="ok") for one in groups[:2]]
        lines += [contracts.Line(one, f"{one}清单") for one in groups[2:]]
        contracts.mark(row, lines=lines, **self.by("zhujian", at))
