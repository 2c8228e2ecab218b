"""The votes of the demonstration: under notice, running, under objection, decided and filed, an election that seated
its committee. By the commands that everybody uses, on their days."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.models import Formation
from gongzhi.governance.bodies.services import PersonInput, SeatInput
from gongzhi.governance.tally.electorate import decides
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.models import RollEntry, Vote
from gongzhi.registry import services as registry
from gongzhi.registry.models import Unit
from gongzhi.site.demo import votes_secret
from gongzhi.site.demo.votes_paper import print_and_read

if TYPE_CHECKING:
    from gongzhi.site.demo.loading import Stage

MORNING, EVENING = "09:00", "18:00"
OWNED_DAYS = 900
HUNDRED, FEN = 100, 100
HALF_HOUR = timedelta(minutes=30)
ABSTAIN_OF_TEN = 3


def units(stage: "Stage") -> None:
    """The blocks of units with an owner each; the last digits of his phone are his number."""
    plan = stage.scene["votes"]
    chance, number = Random(1), 0  # noqa: S311 - a demonstration, not a secret
    begun = stage.now - timedelta(days=199)
    for key, blocks in plan["blocks"].items():
        buildings = {one.name: one for one in stage.estates[key].buildings.all()}
        for building, entrance, floors, wide, least, more in blocks:
            for floor in range(1, floors + 1):
                for flat in range(1, wide + 1):
                    number += 1
                    name = chance.choice(plan["surnames"]) + chance.choice(plan["given"])
                    unit = registry.register_unit(
                        buildings[building],
                        name=f"{entrance}单元{floor}{flat:02d}室",
                        exclusive_area_m2=Decimal(least) + (flat - 1) * Decimal(more),
                        area_source="survey" if number % 9 == 0 else "register",
                        actor=stage.director,
                        now=begun,
                    )
                    registry.transfer_unit(
                        unit,
                        owners=[registry.OwnerInput(name, plan["phone"].format(number=number), "", None)],
                        from_on=(stage.now - timedelta(days=OWNED_DAYS)).astimezone(ZONE).date(),
                        actor=stage.director,
                        now=begun,
                    )


def load(stage: "Stage") -> None:
    """After the accounts: people of the scene run them."""
    plan = stage.scene["votes"]
    for row in plan["elections"]:
        _candidates(stage, row)
    for row in plan["votes"]:
        _Poll(stage, row).run()


def _candidates(stage: "Stage", row: dict[str, Any]) -> None:
    estate, days = stage.estates[row["estate"]], row["days"]
    at = stage.moment(days, MORNING)
    on = at.date()
    by: dict[str, Any] = {"actor": stage.director, "now": at}
    bodies.meet_conditions(estate, met_on=on, **by)
    formation = bodies.take_application(estate, received_on=on, **by)
    for step in ("group", "candidates", "assembly"):
        bodies.guide(estate, formation=formation, step=step, text="到场指导，说明程序和人选条件", on=on, **by)
    formation.advice.update(given_role="street_office")
    seats = [SeatInput(person=PersonInput(name), side=side) for name, side in row["group"]]
    bodies.form_group(formation, seats=seats, formed_on=on, **by)
    for building, room, attributes in row["candidates"]:
        unit = Unit.objects.get(building__estate=estate, building__name=building, name=room)
        owner = registry_owner(unit)
        candidate = bodies.nominate(
            formation,
            person=PersonInput(core.opened(owner, "name"), core.opened(owner, "phone")),
            unit=unit,
            source="recommended",
            recommended_by="社区党组织",
            attributes=attributes,
            on=on,
            **by,
        )
        bodies.review_candidate(candidate, result="passed", **by)
    formation.refresh_from_db()
    bodies.publish_candidates(formation, seats=row["seats"], substitutes=row["substitutes"], from_on=on, **by)


def registry_owner(unit: Unit) -> Any:
    return unit.ownerships.get(to_on=None).shares.select_related("owner").order_by("pk")[0].owner


@dataclass
class _Poll:
    """One vote of the scene on its way."""

    stage: "Stage"
    row: dict[str, Any]
    codes: list[str] = field(default_factory=list)

    def run(self) -> None:
        vote = self.noticed()
        self.objections(vote, about="roll")
        for step in ("open", "close", "publish", "final", "file"):
            days = self.row["days"].get(step)
            if days is None or days < 0:
                return
            vote = getattr(self, f"to_{step}")(vote, self.at(step))

    def at(self, step: str) -> datetime:
        return self.moment(self.row["days"][step], EVENING if step == "close" else MORNING)

    def moment(self, days: int, clock: str) -> datetime:
        """Also in the days to come."""
        day = self.stage.now.astimezone(ZONE).date() - timedelta(days=days)
        return datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), tzinfo=ZONE)

    def by(self, at: datetime, who: str = "run") -> Actor:
        return Actor.of(self.stage.users[self.row[who]], at)

    def noticed(self) -> Vote:
        row, at, put_up = self.row, self.at("draft"), self.at("notice")
        if row.get("secret"):
            votes_secret.allow(self, at)
        vote = votes.draft_vote(
            self.stage.estates[row["estate"]],
            title=f"{at.year}年{row['title']}",
            convener=row["convener"],
            opens_at=self.at("open"),
            closes_at=self.at("close"),
            motions=[self.motion(one) for one in row["motions"]],
            secret=bool(row.get("secret")),
            actor=self.by(at),
            now=at,
        )
        vote = votes.freeze_roll(vote, actor=self.by(at), now=at + HALF_HOUR)
        checked = at + timedelta(hours=5)
        vote = votes.check_vote(vote, agreed=True, opinion="", actor=self.by(checked, "check"), now=checked)
        return votes.notice_vote(
            vote,
            published_on=put_up.date(),
            silence_told=row.get("silence_told", False),
            actor=self.by(put_up),
            now=put_up,
        )

    def motion(self, one: dict[str, Any]) -> votes.MotionDraft:
        estate = self.stage.estates[self.row["estate"]]
        origin = Formation.objects.get(estate=estate, state="open") if "election" in one else None
        on = self.at("draft").date()
        buildings, entrances = votes.named_scope(estate, one.get("scope", ()), on=on)
        return votes.MotionDraft(
            matter=one["matter"],
            title=one["title"],
            text=one.get("text", ""),
            amount_fen=one["amount_yuan"] * FEN if "amount_yuan" in one else None,
            buildings=buildings,
            entrances=entrances,
            candidates=one.get("candidates", ()),
            seats=one.get("seats", 1),
            origin=origin,
        )

    def to_open(self, vote: Vote, at: datetime) -> Vote:
        if vote.secret:
            self.codes = votes_secret.trust(self, vote, self.moment(self.row["days"]["notice"], EVENING))
        vote = votes.open_vote(vote, actor=self.by(at), now=at)
        rows = list(votes.concerned(vote).order_by("building", "room"))
        sold = [one for one in rows if one.stock == "sold"]
        self.shared(vote, sold, at)
        self.served(vote, sold, at)
        if vote.secret:
            votes_secret.cast(self, vote=vote, rows=sold, at=at)
        else:
            self.ballots(vote, sold, at)
        return vote

    def shared(self, vote: Vote, rows: list[RollEntry], at: datetime) -> None:
        for one in rows:
            if not one.voters:
                votes.nominate(vote, entry=one, nominee=one.owners[0], actor=self.by(at), now=at)

    def served(self, vote: Vote, rows: list[RollEntry], at: datetime) -> None:
        """Most by hand, some by message, the last not reached."""
        left = self.row.get("unserved", 0)
        reached, missed = rows[: len(rows) - left], rows[len(rows) - left :]
        half = len(reached) // 2
        for how, result, some in (
            ("signed", "served", reached[:half]),
            ("sms", "served", reached[half:]),
            ("signed", "undeliverable", missed),
        ):
            if some:
                codes = [one.code for one in some]
                votes.serve(vote, units=codes, how=how, result=result, at=at, actor=self.by(at), now=at)

    def ballots(self, vote: Vote, rows: list[RollEntry], at: datetime) -> None:
        chance = Random(self.row["seed"])  # noqa: S311
        moments = Random(self.row["seed"])  # noqa: S311 - apart: who votes must not hang on the hour of the loading
        until = min(vote.closes_at, self.stage.now)
        span = int((until - at).total_seconds()) - 1
        left = self.row.get("unserved", 0)
        able = rows[: len(rows) - left]
        for one in print_and_read(self, vote=vote, rows=able, count=self.row.get("paper", 0), chance=chance):
            able.remove(one)
        for number, one in enumerate(able, 1):
            if chance.randrange(HUNDRED) >= self.row["turnout"]:
                continue
            when = at + timedelta(seconds=moments.randrange(span))
            desk = self.row.get("desk") and number % self.row["desk"] == 0
            given = votes.Given(
                voter=(one.voters or one.owners)[0],
                units=[one.code],
                choices=self.choices(vote, chance, unit=one),
                channel="desk" if desk else "phone",
                at=when,
                key=sha256(f"{vote.pk} {one.code}".encode()).hexdigest(),
            )
            votes.cast(vote, given=given, now=when, actor=self.by(when) if desk else None)

    def choices(self, vote: Vote, chance: Random, *, unit: RollEntry) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for motion, share in zip(votes.rules_of(vote).motions, self.row["agree"], strict=True):
            if motion.election is not None:
                listed = [one.candidate for one in motion.election.candidates]
                picked = [one for one in listed if chance.randrange(HUNDRED) < share]
                found[motion.motion] = picked[: motion.election.seats]
            elif chance.randrange(HUNDRED) < share:
                found[motion.motion] = "agree"
            else:
                found[motion.motion] = "abstain" if chance.randrange(10) < ABSTAIN_OF_TEN else "oppose"
        asked = {one.motion for one in votes.rules_of(vote).motions if decides(unit.counted_as, one.scope)}
        return {name: mark for name, mark in found.items() if name in asked}

    def to_close(self, vote: Vote, at: datetime) -> Vote:
        vote = votes.close_vote(vote, actor=self.by(at), now=at)
        if vote.secret:
            votes_secret.count(self, vote=vote, codes=self.codes, at=at)
            vote.refresh_from_db()
        return vote

    def to_publish(self, vote: Vote, at: datetime) -> Vote:
        vote = votes.publish_result(vote, published_on=at.date(), actor=self.by(at), now=at)
        self.objections(vote, about="result")
        return vote

    def objections(self, vote: Vote, *, about: str) -> None:
        for one in self.row.get("objections", ()):
            if one.get("about", "result") != about:
                continue
            made = votes.object_to(
                vote, text=one["text"], by_room=one["room"], about=about, now=self.moment(one["days"], EVENING)
                if one["days"] else self.stage.now - HALF_HOUR,
            )  # fmt: skip
            if "reply" in one:
                at = self.moment(one["replied"], MORNING)
                actor = self.by(at, "check")
                votes.decide_objection(made, result=one["result"], reply=one["reply"], actor=actor, now=at)

    def to_final(self, vote: Vote, at: datetime) -> Vote:
        return votes.finalise(vote, actor=self.by(at), now=at)

    def to_file(self, vote: Vote, at: datetime) -> Vote:
        return votes.file_vote(vote, filed_on=at.date(), actor=self.by(at), now=at)
