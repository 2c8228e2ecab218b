"""An estate that comes to another community: its place from a day on, and what of it goes along.

Its code stays and its path changes. What lives on in the estate goes along, here and, by `estate.moved`, in the parts
above: open cases, running duties, bodies in office, accounts. What is closed keeps the path of its time.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation, PersonalData, Place
from gongzhi.registry.models import (
    ArchivePaper,
    CompanyStaff,
    Estate,
    EstateReview,
    EstateStay,
    Facility,
    Project,
    StandingFact,
)
from gongzhi.registry.queries import county_of, organisation_for
from gongzhi.registry.questions import REVIEW_KINDS
from gongzhi.registry.services.reviews import CHOICE, agreed_on

DAY = timedelta(days=1)
# The estate's own file: all of it is the estate's, whoever keeps it.
OWN_FILE = (Project, StandingFact, EstateReview, ArchivePaper, Facility, CompanyStaff)
OWN_PEOPLE = ("unit", "organisation")


@transaction.atomic
def move_estate(
    estate: Estate,
    *,
    community: Place,
    from_on: date,
    reason: str,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Estate:
    """From that day on the estate lies in another community of its county."""
    estate = Estate.objects.select_for_update(of=("self",)).select_related("community", "place").get(pk=estate.pk)
    core.check_version(estate, version)
    core.require(actor, "estate.move", estate)
    core.require(actor, "estate.move", community)
    _possible(estate, community, from_on=from_on, on=core.local_day(now))
    if not reason.strip():
        raise Refused("move_reason", "请写明划转的依据。", fields={"reason": "请写明划转的依据"})
    _settled(estate, community, on=core.local_day(now))
    was, before = estate.community, estate.place_path
    core.move_place(estate.place, parent=community)
    estate.community, estate.place_path = community, estate.place.path
    estate.version += 1
    estate.save(update_fields=["community", "place_path", "version"])
    for model in OWN_FILE:
        core.rebase(model.objects.all(), old=before, new=estate.place_path)
    core.rebase(PersonalData.objects.filter(owner_kind__in=OWN_PEOPLE), old=before, new=estate.place_path)
    event = core.record(
        "estate.moved",
        subject=estate.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={
            "was": was.name,
            "now": community.name,
            "was_path": before,
            "from_on": from_on,
            "reason": reason.strip(),
        },
    )
    _keep_stays(estate, was, before, from_on=from_on, event=event)
    hand_on(EstateReview, "desk", Q(answered_at=None), was=before, estate=estate)
    _tell(estate, before, now=now)
    return estate


def _possible(estate: Estate, community: Place, *, from_on: date, on: date) -> None:
    if estate.ended_on is not None:
        raise Refused("estate_ended", f"{estate.name}已在{estate.ended_on}并入其他区域，不能再划转。")
    if community.level != "community":
        raise Refused("estate_place", "请选社区（村）。", fields={"community": "请选择社区（村）"})
    if community.pk == estate.community_id:
        raise Refused("same_community", f"{estate.name}已经在{community.name}。", fields={"community": "请选别的社区"})
    if county_of(community.path) != county_of(estate.place_path):
        words = "只能划到本县（市、区）的社区：编号、规则和办理单位都随县走。"
        raise Refused("other_county", words, fields={"community": words})
    if from_on > on:
        raise Refused("move_later", "划转从今天或以前的日子起登记。", fields={"from_on": "不能晚于今天"})
    last = EstateStay.objects.filter(estate=estate, to_on=None).first()
    if last is not None and last.from_on is not None and from_on <= last.from_on:
        words = f"上次划转自{last.from_on}起，这次的日期要更晚。"
        raise Refused("move_days", words, fields={"from_on": words})
    twin = Estate.objects.filter(community=community, name=estate.name).exclude(pk=estate.pk)
    if twin.exists():
        raise Refused("estate_twice", f"{community.name}已经有“{estate.name}”。", fields={"community": "已有同名小区"})


def _settled(estate: Estate, community: Place, *, on: date) -> None:
    """Where the local document wants another unit's opinion, its latest has to agree to this very community."""
    answer = core.ask("registry.review", {"kind": CHOICE}, place_path=estate.place_path, on=on)
    if not answer.ok or not answer.value.get("desk"):
        return
    latest = EstateReview.objects.filter(estate=estate, kind=CHOICE).order_by("-asked_at", "-pk").first()
    if not agreed_on(latest, community):
        words = f"划到{community.name}还没有征得同意。"
        raise Refused(
            "opinion_missing",
            f"{words}请先在小区档案里提出“{REVIEW_KINDS[CHOICE]}”的核办请求，选定{community.name}，同意后再划转。",
            tuple(answer.clauses),
            fields={"community": words},
        )


def _keep_stays(estate: Estate, was: Place, before: str, *, from_on: date, event: Event) -> None:
    ended = EstateStay.objects.filter(estate=estate, to_on=None).update(to_on=from_on - DAY)
    if not ended:
        EstateStay.objects.create(estate=estate, community=was, place_path=before, to_on=from_on - DAY)
    EstateStay.objects.create(
        estate=estate, community=estate.community, place_path=estate.place_path, from_on=from_on, event=event
    )


def _tell(estate: Estate, before: str, *, now: datetime) -> None:
    """The stations of both communities, and the street that loses or gains it."""
    for role in ("community_station", "community_committee", "street_office"):
        old, new = organisation_for(role, before), organisation_for(role, estate.place_path)
        for one in {unit.pk: unit for unit in (old, new) if unit is not None and old != new}.values():
            text = f"{estate.name}已划到{estate.community.name}，未办的事随小区移交。"
            core.notify(to=one, template="estate.moved", text=text, ref=estate.ref, now=now)


def successor(unit: Organisation | None, *, was: str, estate: Estate) -> Organisation | None:
    """Who takes over from a unit that was competent by the former place alone.

    None when nobody has to, or nobody holds that role in the new place: then the unit goes on with what it has.
    """
    if unit is None or not was.startswith(unit.place_path) or estate.place_path.startswith(unit.place_path):
        return None
    return organisation_for(unit.role, estate.place_path, estate)


def hand_on(model: Any, column: str, still: Q, *, was: str, estate: Estate) -> None:
    """Rows of the estate in which a unit of the former place has still to act: that of the new place acts instead."""
    rows = model.objects.filter(still, place_path__startswith=estate.place_path, **{f"{column}__isnull": False})
    for row in rows.select_related(column):
        heir = successor(getattr(row, column), was=was, estate=estate)
        if heir is not None:
            setattr(row, column, heir)
            row.save(update_fields=[column])
