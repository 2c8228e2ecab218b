"""The registers of a place: which there are for whom, what an entry says as typed values, marks and rates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date, percent
from gongzhi.core.models import Place
from gongzhi.core.rights import OVERSEERS
from gongzhi.patrols.models import RegisterEntry
from gongzhi.patrols.queries.plans import own_role
from gongzhi.patrols.words import EVERY
from gongzhi.policy.pack import Pack
from gongzhi.policy.registers import Register, RegisterField
from gongzhi.policy.schema_base import exact
from gongzhi.policy.values import number_text, typed
from gongzhi.registry.models import Estate

ABOVE = (*OVERSEERS, "community_committee")
FEN = 100
NOTHING = "—"
QUARTERS = {"quarter": "Q", "half_year": "H"}
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
CENT = Decimal("0.01")


class BookAt:
    """A register at a place, as rights see it."""

    def __init__(self, register: Register, place_path: str) -> None:
        self.register, self.place_path = register, place_path

    def party_roles(self, actor: Actor) -> set[str]:
        return book_roles(self.register, actor, self.place_path)

    def is_party(self, actor: Actor) -> bool:
        return bool(self.party_roles(actor))


def book_roles(register: Register, actor: Actor, place_path: str) -> set[str]:
    """Writers and readers within their own place; `stage.by` reads what it is to decide."""
    role = own_role(actor.role)
    if not role or not _reaches(actor, place_path):
        return set()
    found = set()
    if role in register.writers:
        found.add("entry_writer")
    deciding = {one for stage in register.stages.values() for one in stage.by}
    if role in register.readers or role in deciding or role in register.writers:
        found.add("entry_reader")
    return found


def _reaches(actor: Actor, place_path: str) -> bool:
    if actor.within(place_path):
        return True
    own = actor.organisation
    if own is None:
        return False
    return Estate.objects.filter(place_path=place_path, projects__company=own, projects__to_on=None).exists()


def register_at(place_path: str, code: str, on: date) -> Register | None:
    pack = core.pack_for(place_path, on)
    return pack.registers.get(code) if pack is not None else None


def books_for(actor: Actor, on: date) -> list[Register]:
    """The books that the actor may open."""
    pack = core.pack_for(actor.place_path, on) if actor.place_path else None
    if pack is None:
        return []
    books = [one for one in pack.registers.values() if one.use == "book"]
    return [one for one in books if may_open(one, actor)]


def may_open(register: Register, actor: Actor) -> bool:
    role = own_role(actor.role)
    deciding = {one for stage in register.stages.values() for one in stage.by}
    return role in ABOVE or role in {*register.writers, *register.readers, *deciding}


def may_write(register: Register, actor: Actor) -> bool:
    return own_role(actor.role) in register.writers


def entries_for(actor: Actor, register: Register) -> QuerySet[RegisterEntry]:
    """Its entries that the actor may read: those of his place, of the estates he serves, his own."""
    rows = RegisterEntry.objects.filter(register=register.code, ended_on=None).select_related("estate", "organisation")
    if actor.is_system:
        return rows
    role = own_role(actor.role)
    seen = Q(pk=None)
    deciding = {one for stage in register.stages.values() for one in stage.by}
    within = role in ABOVE or role in register.readers or role in deciding or role in register.writers
    if within and actor.place_path and actor.role not in ("owner",):
        seen |= Q(place_path__startswith=actor.place_path)
    if actor.organisation is not None:
        seen |= Q(organisation=actor.organisation)
        seen |= Q(estate__projects__company=actor.organisation, estate__projects__to_on=None)
    if actor.user is not None:
        seen |= Q(by=actor.user)
    return rows.filter(pk__in=RegisterEntry.objects.filter(seen).values("pk"))


def period_code(every: str, on: date) -> str:
    """`2024`, `2024H1`, `2024Q2`, `2024-05`."""
    if every == "year":
        return str(on.year)
    number = (on.month - 1) // MONTHS[every] + 1
    return f"{on.year}{QUARTERS[every]}{number}" if every in QUARTERS else f"{on.year}-{on.month:02d}"


# -- values


def stored(field: RegisterField, value: Any) -> Any:
    """As JSON keeps it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | Fraction):
        return number_text(value)
    return list(value) if isinstance(value, list | tuple) else str(value)


def values_of(register: Register, kept: Mapping[str, Any], pack: Pack) -> dict[str, Any]:
    """The fields as the engine wants them; one that was not given is left out."""
    found = {}
    for name, field in register.fields.items():
        value = typed(kept.get(name), field.type, pack.words)
        if value is not None and value != []:
            found[name] = value
    return found


def facts_of_entry(entry: RegisterEntry, register: Register, pack: Pack, *, on: date) -> dict[str, Any]:
    return {
        **values_of(register, entry.values, pack),
        **({"stage": entry.stage} if entry.stage else {}),
        "by": entry.role,
        "entered_on": core.local_day(entry.entered_at),
        "days_in_stage": max((on - entry.staged_on).days, 0),
    }


def shown(field: RegisterField, value: Any) -> str:
    """In words. Money is kept in fen and shown in yuan."""
    if value is None or value == "" or value == []:
        return NOTHING
    if field.form in ("bool", "problem"):
        return ("有" if value else "无") if field.form == "problem" else ("是" if value else "否")
    if field.form == "enum":
        return field.type.label(str(value))
    if field.form == "money":
        return f"{Decimal(int(value)) / FEN:,.2f}元"
    if field.form == "date":
        return cn_date(date.fromisoformat(str(value)))
    if field.form == "ratio":
        return percent_of(Fraction(str(value)))
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value)


def percent_of(value: Fraction) -> str:
    return f"{(Decimal(value.numerator) / value.denominator * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


# -- what is computed on a day


@dataclass(frozen=True)
class Shown:
    """An entry with the words that its document has for it on a day."""

    entry: RegisterEntry
    marks: tuple[tuple[str, str, tuple[str, ...]], ...]
    computed: tuple[tuple[str, str], ...]
    tally: str
    facts: Mapping[str, Any]
    late: bool


@dataclass(frozen=True)
class Figure:
    title: str
    shown: str
    above: str
    below: str
    lacking: tuple[RegisterEntry, ...]
    lacking_title: str
    clauses: tuple[str, ...]


class Reader:
    """Reads entries of one register by the document of a place on a day."""

    def __init__(self, register: Register, place_path: str, on: date) -> None:
        pack = core.pack_for(place_path, on)
        if pack is None:
            raise LookupError("no pack")
        self.register, self.pack, self.on = register, pack, on
        self.switches = core.switches_for(place_path, on, pack=pack)

    def scope(self, facts: Mapping[str, Any]) -> Any:
        return self.register.scope(self.pack, facts, on=self.on, switches=self.switches)

    def facts(self, entry: RegisterEntry) -> dict[str, Any]:
        return facts_of_entry(entry, self.register, self.pack, on=self.on)

    def read(self, entry: RegisterEntry) -> Shown:
        facts = self.facts(entry)
        scope = self.scope(facts)
        marks = tuple(
            (self._words(one, facts), one.tone, one.clauses)
            for one in self.register.marks
            if self.register.surely(one.when, scope)
        )
        stage = self.register.stages.get(entry.stage)
        late = entry.due_on is not None and self.on > entry.due_on and not (stage and stage.done)
        return Shown(entry, marks, self.computed(facts), self._tally(facts), facts, late)

    def _words(self, mark: Any, facts: Mapping[str, Any]) -> str:
        if mark.past is None:
            return str(mark.says)
        field, figure = mark.past
        limit = self.pack.figures[figure].at(self.on)
        return f"{mark.says}{(facts[field] - limit).days}天"

    def _tally(self, facts: Mapping[str, Any]) -> str:
        names = self.register.tally
        return f"{sum(bool(facts.get(one)) for one in names)}/{len(names)}" if names else ""

    def computed(self, facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        scope = self.scope(facts)
        found = []
        for name, let in self.register.lets.items():
            value = scope.let(name)
            if value is not None:
                number = (Decimal(value.numerator) / value.denominator).quantize(CENT, ROUND_HALF_UP)
                found.append((let.title or name, percent_of(value) if let.shown == "percent" else f"{number:f}"))
        return tuple(found)

    def score(self, facts: Mapping[str, Any]) -> Decimal | None:
        if not self.register.score:
            return None
        scope = self.scope(facts)
        value = scope.field(self.register.score)
        if value is None:
            return None
        number = Fraction(value)
        return (Decimal(number.numerator) / number.denominator).quantize(CENT, ROUND_HALF_UP)

    def figures(self, entries: Sequence[RegisterEntry]) -> list[Figure]:
        """The rates of the register over these entries."""
        read = [(one, self.facts(one)) for one in entries]
        return [self._figure(one, read) for one in self.register.rates]

    def _figure(self, rate: Any, read: Sequence[tuple[RegisterEntry, Mapping[str, Any]]]) -> Figure:
        among = [(one, facts) for one, facts in read if self.register.surely(rate.of, self.scope(facts))]
        if rate.part:
            above = sum((Fraction(facts.get(rate.part) or 0) for _, facts in among), Fraction(0))
            below = sum((Fraction(facts.get(rate.whole) or 0) for _, facts in among), Fraction(0))
            return Figure(rate.title, ratio(above, below, rate.shown), number_text(exact(above)),
                          number_text(exact(below)), (), "", rate.clauses)  # fmt: skip
        kept = [one for one, facts in among if self.register.surely(rate.holds, self.scope(facts))]
        lacking = tuple(one for one, _ in among if one not in kept)
        words = percent(len(kept), len(among)) if among else NOTHING
        return Figure(rate.title, words, str(len(kept)), str(len(among)), lacking, rate.lacking, rate.clauses)


def ratio(above: Fraction, below: Fraction, form: str) -> str:
    """As a percentage with one decimal or a number with two; nothing divided by nothing is a dash."""
    if not below:
        return NOTHING
    value = above / below
    if form == "percent":
        return percent_of(value)
    return f"{(Decimal(value.numerator) / value.denominator).quantize(CENT, ROUND_HALF_UP):f}"


# -- what is lacking


def subjects_without(register: Register, place_path: str) -> list[Any]:
    """Places or estates that owe an entry of the register and have none."""
    if not register.owed_at:
        return []
    rows = RegisterEntry.objects.filter(register=register.code, ended_on=None, place_path__startswith=place_path)
    if register.owed_at == "estate":
        have = set(rows.values_list("estate_id", flat=True))
        return [one for one in Estate.objects.within(place_path).filter(ended_on=None) if one.pk not in have]
    paths = set(rows.values_list("place_path", flat=True))
    places = Place.objects.filter(path__startswith=place_path, level=register.owed_at).order_by("path")
    return [one for one in places if one.path not in paths]


def choices_lacking(register: Register, place_path: str) -> list[tuple[Estate, list[str]]]:
    """Where each estate needs an entry for every choice of a field: the estates that lack some, with which."""
    if not register.all_of:
        return []
    field = register.fields[register.all_of]
    have: dict[int, set[str]] = {}
    rows = RegisterEntry.objects.filter(register=register.code, ended_on=None, place_path__startswith=place_path)
    for estate, values in rows.values_list("estate_id", "values"):
        have.setdefault(estate or 0, set()).add(str(values.get(register.all_of)))
    found = []
    for one in Estate.objects.within(place_path).filter(ended_on=None).order_by("place_path"):
        missing = [field.type.label(code) for code in field.type.choices if code not in have.get(one.pk, set())]
        if missing:
            found.append((one, missing))
    return found


def every_words(register: Register) -> str:
    return EVERY.get(register.every, "")


def compared(entries: Iterable[RegisterEntry], reader: Reader) -> list[tuple[str, list[Figure]]]:
    """Figures of each period, the latest first."""
    by_period: dict[str, list[RegisterEntry]] = {}
    for one in entries:
        by_period.setdefault(one.period, []).append(one)
    return [(period, reader.figures(by_period[period])) for period in sorted(by_period, reverse=True)]
