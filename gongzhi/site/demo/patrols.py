"""Patrols of the demonstration: routes, a fortnight of rounds in five places, findings on their way, some books."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.patrols import services
from gongzhi.patrols.models import PatrolFinding, PatrolRound
from gongzhi.patrols.queries.books import register_at
from gongzhi.patrols.services import Filled, Found, Given, Upload

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

PLAN = Path(__file__).with_name("patrols.yaml")
# One grey dot: a photo that shows nobody.
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6368000000820081772dd2b6"
    "0000000049454e44ae426082"
)


def load(stage: "Stage") -> None:
    plan = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    for row in plan["routes"]:
        actor, now = _actor(stage, row, row["days"])
        services.set_route(
            stage.estates[row["estate"]], title=row["title"], points=[tuple(one) for one in row["points"]], actor=actor,
            now=now,
        )  # fmt: skip
    for row in plan["rounds"]:
        for days in row["days"]:
            _round(stage, row, days)
    for row in plan["books"]:
        _entry(stage, row)


def _actor(stage: "Stage", row: dict[str, Any], days: int) -> tuple[Actor, Any]:
    now = stage.moment(days, row.get("at", "09:30"))
    return Actor.of(stage.users[row["by"]], now), now


def photo(name: str = "照片.png") -> BytesIO:
    file = BytesIO(DOT)
    file.name = name
    return file


def _round(stage: "Stage", row: dict[str, Any], days: int) -> None:
    actor, now = _actor(stage, row, days)
    estate = stage.estates[row["estate"]]
    sheet = register_at(estate.place_path, row["sheet"], core.local_day(now))
    if sheet is None:
        stage.skipped.append(f"{row['sheet']}：没有这张巡查表")
        return
    first = days == row["days"][0]
    answers: dict[str, Any] = {name: False for name, one in sheet.fields.items() if one.form == "problem"}
    uploads = [Upload(name, photo()) for name, one in sheet.fields.items() if one.form == "file"]
    found = [
        Found(one["kind"], one["text"], one["location"], grade=one.get("grade", "minor"),
              in_contract=one.get("in_contract"), eased=one.get("eased", ""), uploads=(Upload("", photo()),))
        for one in row.get("found", ()) if first
    ]  # fmt: skip
    given = Given(
        sheet=row["sheet"], answers={**answers, **row.get("answers", {})}, kind=row.get("kind", ""),
        people=actor.user.display_name if actor.user else "", note=row.get("note", ""), found=found, uploads=uploads,
        offline=bool(row.get("offline")),
    )  # fmt: skip
    made = services.send_round(
        estate, given=given, key=f"demo-{row['estate']}-{row['sheet']}-{days}", actor=actor, now=now
    )
    if first:
        _follow(stage, made, row.get("found", ()))


def _follow(stage: "Stage", made: PatrolRound, told: Any) -> None:
    """What became of its findings: put right, passed, sent back, published."""
    for one in told:
        for step in one.get("steps", ()):
            row = PatrolFinding.objects.get(round=made, kind=one["kind"], text=one["text"])
            actor, now = _actor(stage, step, step["days"])
            if step["do"] == "rectify":
                shown = (Upload("", photo("整改后.png")),)
                services.rectify(row, text=step["text"], uploads=shown, actor=actor, now=now)
            elif step["do"] == "publish":
                services.publish(row, actor=actor, now=now)
            else:
                passed = step["do"] == "pass"
                shown = (Upload("", photo("复查.png")),)
                services.recheck(row, passed=passed, text=step["text"], uploads=shown, actor=actor, now=now)


def _entry(stage: "Stage", row: dict[str, Any]) -> None:
    actor, now = _actor(stage, row, row["days"])
    estate = stage.estates[row["estate"]] if "estate" in row else None
    uploads = tuple(Upload(one, photo("材料.png")) for one in row.get("files", ()))
    filled = Filled(row["values"], uploads=uploads)
    entry = services.enter(row["register"], estate=estate, filled=filled, actor=actor, now=now)
    for step in row.get("stages", ()):
        actor, now = _actor(stage, step, step["days"])
        more = Filled(step.get("values", {}), note=step.get("note", ""))
        entry = services.take_stage(entry, stage=step["stage"], filled=more, actor=actor, now=now)
