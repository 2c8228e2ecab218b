"""What comes before the next conference over disputes, and what was before the former ones."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from gongzhi.core.actors import Actor
from gongzhi.core.models import Organisation
from gongzhi.mediation.models import ConferenceTopic, DisputeConference, MediationFile
from gongzhi.mediation.offices import conference

UNENDED = ("applied", "accepted", "failed")


@dataclass(frozen=True)
class Agenda:
    """`waiting`: put before it; `carried`: of former conferences, nobody charged or no conclusion yet; `listed`: the
    other open disputes of the place, where its document wants the whole list."""

    waiting: list[ConferenceTopic]
    carried: list[ConferenceTopic]
    listed: list[MediationFile]

    def __len__(self) -> int:
        return len(self.waiting) + len(self.carried) + len(self.listed)


def agenda(holder: Organisation, place_path: str, on: date) -> Agenda:
    topics = list(
        ConferenceTopic.objects.filter(holder=holder, carried=False, conclusion="")
        .exclude(file__state="closed")
        .select_related("file__estate", "raised_to")
        .order_by("put_at", "pk")
    )
    waiting = [one for one in topics if one.conference_id is None]
    put = {one.file_id for one in waiting}
    latest = {one.file_id: one for one in topics if one.conference_id is not None and one.file_id not in put}
    carried = [one for one in latest.values() if one.unsettled and (one.origin == "put" or _open(one.file))]
    taken = put | {one.file_id for one in carried} | {one.file_id for one in topics if one.raised_to_id is not None}
    named, _ = conference(place_path, on)
    listed: list[MediationFile] = []
    if named.get("whole_list"):
        rows = MediationFile.objects.within(place_path).filter(state__in=UNENDED).exclude(pk__in=taken)
        listed = list(rows.select_related("estate").order_by("applied_at", "pk"))
    return Agenda(waiting, carried, listed)


def _open(file: MediationFile) -> bool:
    return file.state in UNENDED


def held_topic(file: MediationFile, actor: Actor) -> ConferenceTopic | None:
    """The topic over which this actor's unit may still put something down: of its last conference, or raised to it."""
    unit = actor.organisation
    rows = file.topics.filter(conference__isnull=False, carried=False, conclusion="")
    rows = rows.select_related("holder__place", "raised_to__place").order_by("-conference__held_on", "-pk")
    return next((one for one in rows if unit is not None and unit in (one.holder, one.raised_to)), None)


def open_acts(topic: ConferenceTopic | None, unit: Organisation | None, *, above: bool) -> set[str]:
    """What this unit may put down about a topic now, as codes of acts; nothing of what is concluded or went on to a
    later conference. `above`: the document knows a conference to raise it to."""
    if topic is None or unit is None or topic.carried or topic.conclusion:
        return set()
    found = set()
    if topic.holder == unit:
        found.add("cuoshi")
        if above and topic.raised_to is None:
            found.add("shangbao")
    if topic.decides == unit:
        found.add("jielun")
    return found


def conferences(place_path: str) -> QuerySet[DisputeConference]:
    """Those of a place."""
    return with_topics(DisputeConference.objects.within(place_path))


def with_topics(rows: QuerySet[DisputeConference]) -> QuerySet[DisputeConference]:
    units = ("file__estate", "holder__place", "raised_to__place", "concluded_by")
    topics = Prefetch("topics", ConferenceTopic.objects.select_related(*units))
    return rows.select_related("organisation").prefetch_related(topics)


def raised_to(unit: Organisation | None) -> list[ConferenceTopic]:
    """What was raised to this unit and waits for its conclusion."""
    rows = ConferenceTopic.objects.filter(raised_to=unit, conclusion="", carried=False) if unit is not None else None
    return list(rows.select_related("file__estate", "holder", "raised_to__place")) if rows is not None else []


def topics_of(conference: DisputeConference) -> list[ConferenceTopic]:
    """Nobody charged yet first."""
    return sorted(conference.topics.all(), key=lambda one: (bool(one.measure or one.conclusion), one.pk))


def former_measures(topics: list[ConferenceTopic]) -> dict[int, str]:
    """By the id of the topic: what a former conference put down for the same dispute, and who sees to it."""
    rows = ConferenceTopic.objects.filter(file__in=[one.file_id for one in topics]).exclude(measure="").order_by("pk")
    said = [(one.file_id, one.pk, f"{one.measure}（{one.person}）") for one in rows]
    return {topic.pk: words for topic in topics for file, pk, words in said if file == topic.file_id and pk < topic.pk}
