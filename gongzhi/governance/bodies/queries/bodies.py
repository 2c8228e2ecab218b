"""Which bodies were in office that day, who sat in them, and who acts for the owners."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.models import Event, Organisation, User
from gongzhi.governance.bodies.models import Advice, Body, Formation, Member
from gongzhi.governance.bodies.models.body import sitting
from gongzhi.governance.bodies.words import COMMITTEES, POSTS
from gongzhi.registry.models import Estate
from gongzhi.registry.queries import organisation_for


def body_on(estate: Estate, kind: str, on: date) -> Body | None:
    """The body of that kind in office that day."""
    found: Body | None = (
        Body.objects.in_office(on)
        .filter(estate=estate, kind=kind)
        .exclude(state="preparing")
        .order_by("-formed_on")
        .first()
    )
    return found


def members_on(body: Body, on: date, *, seat: str | None = "full") -> list[Member]:
    """The seats of that day, head first. `seat` None: full members and substitutes."""
    rows = Member.objects.filter(sitting(on), body=body).select_related("person", "unit__building", "building")
    if seat is not None:
        rows = rows.filter(seat=seat)
    order = list(POSTS)
    return sorted(rows, key=lambda one: (one.seat != "full", order.index(one.post), one.rank or 0, one.pk))


def elected(body: Body) -> bool:
    """A committee that the owners chose on the platform: its members come and go by elections alone."""
    return body.kind == "owners_committee" and body.formations.exists()


def buildings_of_steward(user: User | None, on: date) -> set[int]:
    """The buildings whose steward this person is that day, by the phone number of his seat."""
    if user is None or not user.phone_hash:
        return set()
    rows = Member.objects.filter(sitting(on), body__kind="building_stewards", person__phone_hash=user.phone_hash)
    return set(
        rows.filter(body__in=Body.objects.in_office(on), building__isnull=False).values_list("building", flat=True)
    )


def last_election(formation: Formation) -> Event | None:
    """The last result that this formation took over."""
    wanted = {"subject_kind": formation.estate.ref.kind, "subject_id": formation.estate.ref.id}
    rows = Event.objects.filter(kind="election.taken_over", data__formation=formation.ref.key, **wanted)
    return rows.order_by("at", "pk").last()


def put_to_vote(formation: Formation) -> bool:
    """Whether it lies before the owners: in a vote whose result has not come yet."""
    last = last_election(formation) if formation.vote_ref else None
    return bool(formation.vote_ref) and (last is None or last.data.get("vote") != formation.vote_ref)


@dataclass(frozen=True)
class Acting:
    """Who does the work of the committee (or of the assembly) that day, and by which clause."""

    role: str
    organisation: Organisation | None
    owners_vote: bool
    clauses: tuple[str, ...]
    steps: tuple[str, ...] = ()


def committees_on(estate: Estate, on: date) -> dict[str, bool]:
    return {f"has_{kind}": body_on(estate, kind, on) is not None for kind in COMMITTEES}


def on_file(estate: Estate, on: date) -> dict[str, bool]:
    """`committees_on`, the first owners' committee from the day of its filing on: that is when accounts pass to it."""
    facts, committee = committees_on(estate, on), body_on(estate, COMMITTEES[0], on)
    if committee is not None:
        facts[f"has_{COMMITTEES[0]}"] = committee.term > 1 or committee.filed_by(on)
    return facts


def acting(estate: Estate, power: str, on: date) -> Acting:
    """`power`: `assembly` or `committee`. The local document says who stands in while there is no committee, and where
    it is the filing that makes the first one take over, until then."""

    def asked(facts: dict[str, bool]) -> Any:
        given = {"power": power, **facts}
        return core.ask("governance.acting_body", given, place_path=estate.place_path, on=on)

    facts = committees_on(estate, on)
    answer = asked(facts)
    if facts[f"has_{COMMITTEES[0]}"] and _not_yet_over(estate, on):
        before = asked({**facts, f"has_{COMMITTEES[0]}": False})
        if before.ok and before.value.get("by"):
            answer = before
    value = answer.value if answer.ok else {}
    role = value.get("by") or ""
    organisation = _organisation(role, estate) if role else None
    owners_vote = bool(value.get("owners_vote", True))
    return Acting(role, organisation, owners_vote, tuple(answer.clauses), tuple(answer.steps))


def _not_yet_over(estate: Estate, on: date) -> bool:
    """The first committee was elected, and takes over on the day it is on file."""
    committee = body_on(estate, COMMITTEES[0], on)
    if committee is None or committee.term > 1 or (committee.filed_on is not None and committee.filed_on <= on):
        return False
    facts = {"kind": committee.kind}
    answer = core.ask("governance.filing_desk", facts, place_path=committee.place_path, on=on)
    return ((answer.value or {}).get("takes_over") or "filed") == "filed"


def _organisation(role: str, estate: Estate) -> Organisation | None:
    return organisation_for(role, estate.place_path, estate)


def stand_in(role: str, estate: Estate) -> str | None:
    """For the registry: who acts where an estate has no owners' committee now."""
    if role not in COMMITTEES:
        return None
    in_office = Body.objects.filter(estate=estate, kind__in=COMMITTEES, state="in_office").values_list(
        "kind", flat=True
    )
    facts = {f"has_{kind}": kind in in_office for kind in COMMITTEES}
    if facts[f"has_{role}"] or role != COMMITTEES[0]:
        return None
    pack_day = _newest_day(estate)
    if pack_day is None:
        return None
    answer = core.ask(
        "governance.acting_body", {"power": "committee", **facts}, place_path=estate.place_path, on=pack_day
    )
    return (answer.value or {}).get("by") if answer.ok else None


def _newest_day(estate: Estate) -> date | None:
    """The day of the newest event of the estate: the registry asks without a day."""
    newest = Event.objects.filter(place_path=estate.place_path).order_by("-at").values_list("at", flat=True).first()
    return core.local_day(newest) if newest else None


def in_hand(estate: Estate, kind: str) -> Formation | None:
    return Formation.objects.filter(estate=estate, kind=kind, state="open").first()


def guided(estate: Estate, *, formation: Formation | None = None, step: str = "") -> set[str]:
    """The roles that gave guidance: of the estate, of one formation, of one step of it."""
    rows = Advice.objects.filter(estate=estate, kind="guidance")
    if formation is not None:
        rows = rows.filter(formation=formation)
    if step:
        rows = rows.filter(step=step)
    return set(rows.values_list("given_role", flat=True))


def unanswered(body: Body) -> list[Advice]:
    rows = Advice.objects.filter(body=body, due_on__isnull=False, replied_at=None)
    return list(rows.select_related("given_by").order_by("due_on"))
