"""Archived complaints of the years before, so that statistics have something to compare.

They are put in as rows, the way a system before this one hands them over: complaint, case, its lead and one line of the
timeline, without the acts in between. The same scene gives the same rows.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db.models import F

from gongzhi.cases.matters import MATTERS
from gongzhi.cases.models import Case, CaseEntry, CaseWords, Complaint, Part, State
from gongzhi.cases.services.numbering import LETTER, NUMBER_DIGITS, series_prefix
from gongzhi.cases.services.repeats import recount_repeats
from gongzhi.core import services as core
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.models import Organisation
from gongzhi.registry import queries as registry
from gongzhi.registry.models import Estate

MONTHS, HUNDRED = 12, 100
LATE, PUNCTUAL = (16, 24), (1, 13)
OPENING_HOURS = (8, 18)
# Percent of the cases called back, of those satisfied, and the stars they gave.
CALLED_BACK, SATISFIED = 60, 88
STARS = {"satisfied": (4, 5), "unsatisfied": (1, 3)}
NATURE = {one.code: one.nature for one in MATTERS}


def load(plan: Mapping[str, Any], *, estates: Mapping[str, Estate], now: datetime) -> int:
    """How many cases were put in."""
    chance = Random(plan["seed"])  # noqa: S311 - a demonstration, not a secret
    today = local_day(now)
    months = [one for one in _months(today, plan["months"]) if one < today - timedelta(days=plan["until_days"])]
    rows = [_row(plan, chance, estates, day) for month in months for day in _days(plan, chance, month, today)]
    rows.sort(key=lambda row: row["at"])
    units = _units(estates, {row["matter"][1] for row in rows})
    _save(rows, units, prefix=series_prefix(next(iter(estates.values())).place_path, today))
    return len(rows)


def _months(today: date, number: int) -> list[date]:
    last = today.year * MONTHS + today.month - 1
    return [date(month // MONTHS, month % MONTHS + 1, 1) for month in range(last - number, last + 1)]


def _days(plan: Mapping[str, Any], chance: Random, month: date, today: date) -> list[date]:
    """The days of receipt of a month; fewer in the later half of the history."""
    least, most = plan["monthly"]
    late_half = month > today - timedelta(days=plan["months"] * 15)
    number = chance.randint(least, most) - (least // 4 if late_half else 0)
    until = today - timedelta(days=plan["until_days"])
    found = [month + timedelta(days=chance.randrange(28)) for _ in range(number)]
    return [day for day in found if day < until]


def _row(plan: Mapping[str, Any], chance: Random, estates: Mapping[str, Estate], day: date) -> dict[str, Any]:
    def pick(options: Sequence[Sequence[Any]], weight: int = 1) -> Sequence[Any]:
        return chance.choices(options, [one[weight] for one in options])[0]

    late = chance.randrange(HUNDRED) < plan["late_percent"]
    called = chance.randrange(HUNDRED) < CALLED_BACK
    satisfied = "satisfied" if chance.randrange(HUNDRED) < SATISFIED else "unsatisfied"
    return {
        "estate": estates[pick(plan["estates"])[0]],
        "matter": pick(plan["matters"], 2),
        "channel": pick(plan["channels"])[0],
        "at": datetime.combine(day, time(chance.randrange(*OPENING_HOURS), chance.randrange(60)), tzinfo=ZONE),
        "took": timedelta(days=chance.randint(*(LATE if late else PUNCTUAL))),
        "late": late,
        "call_back": satisfied if called else "",
        "stars": chance.randint(*STARS[satisfied]) if called else None,
    }


def _units(estates: Mapping[str, Estate], roles: set[str]) -> dict[int, dict[str, Organisation]]:
    return {one.pk: registry.organisations_for(roles, one.place_path, estate=one) for one in estates.values()}


def _save(rows: list[dict[str, Any]], units: dict[int, dict[str, Organisation]], *, prefix: str) -> None:
    complaints = Complaint.objects.bulk_create([_complaint(row, prefix) for row in rows])
    cases = Case.objects.bulk_create(
        [
            _case(row, one, units[row["estate"].pk].get(row["matter"][1]), prefix)
            for row, one in zip(rows, complaints, strict=True)
        ]
    )
    for one in cases:
        if one.lead is not None:  # one by one: saving a party says who may see the case
            one.parties.create(organisation=one.lead, role=one.lead_role, part=Part.LEAD, since=one.received_at)
    CaseWords.objects.bulk_create(
        CaseWords(
            case=one,
            grams=core.grams(one.title, one.text, one.estate.name if one.estate else ""),
            keys=one.search_keys(),
        )
        for one in cases
    )
    recount_repeats(Case.objects.filter(pk__in=[one.pk for one in cases]))
    CaseEntry.objects.bulk_create(
        CaseEntry(
            case=one,
            kind="case.archived", title="旧系统移交的归档件", stage="archive", at=one.closed_at or one.received_at,
            actor_label="平台", organisation=one.lead, text=one.result, demo=True,
        )
        for one in cases
    )  # fmt: skip

    # An archived case takes nothing more: it is filed away last.
    filed = Case.objects.filter(pk__in=[one.pk for one in cases])
    filed.update(state=State.ARCHIVED, archived_at=F("closed_at"))


def _number(prefix: str, kind: str, year: int) -> str:
    number = core.next_number(f"cases.{kind}|{prefix}", year)
    return f"{prefix}-{year}-{LETTER[kind]}{number:0{NUMBER_DIGITS}d}"


def _complaint(row: dict[str, Any], prefix: str) -> Complaint:
    estate, at = row["estate"], row["at"]
    return Complaint(
        number=_number(prefix, "complaint", at.year), channel=row["channel"], received_at=at, registered_at=at,
        estate=estate, place_path=estate.place_path, text=row["matter"][3], demo=True,
    )  # fmt: skip


def _case(row: dict[str, Any], complaint: Complaint, lead: Organisation | None, prefix: str) -> Case:
    matter, role, _, title = row["matter"]
    ended = row["at"] + row["took"]
    return Case(
        number=_number(prefix, "case", row["at"].year), complaint=complaint, estate=row["estate"],
        place_path=complaint.place_path, title=title, text=title, channel=row["channel"], received_at=row["at"],
        matter=matter, nature=NATURE[matter], state=State.CLOSED, lead=lead, lead_role=role if lead else "",
        handled_at=ended, answered_at=ended, closed_at=ended, answered_late=row["late"],
        outcome="settled", result="已处理。", answer_text="已处理。", call_back_result=row["call_back"],
        called_back_at=ended if row["call_back"] else None, stars=row["stars"],
        demo=True,
    )  # fmt: skip
