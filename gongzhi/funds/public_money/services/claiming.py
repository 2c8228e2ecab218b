"""A claim is made: who may, on what evidence, for which days, how much, borne by whom. The answers stay with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import crypto
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.core.money import FEN_PER_YUAN
from gongzhi.funds.common.queries import OfEstate
from gongzhi.funds.public_money.models import Claim, ClaimLine, ClaimPaper, ClaimShare, SupportPolicy
from gongzhi.funds.public_money.queries import (
    Scheme,
    charges_paid,
    next_step,
    payer_place,
    scheme_at,
    served_by,
    stopped_from,
    who_takes,
)
from gongzhi.funds.public_money.questions import FACTS
from gongzhi.funds.public_money.settled import check_ending
from gongzhi.funds.public_money.spans import DAY, Stretch, calendar_months, months_between, months_in_office, years
from gongzhi.funds.public_money.standing import OF_COMPANY, standing_of
from gongzhi.funds.public_money.words import DEAD, PAYERS
from gongzhi.governance.bodies.models import Member
from gongzhi.governance.votes.models import Motion
from gongzhi.policy.answer import Answer
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.queries import estate_facts, facts_of
from gongzhi.registry.queries.reading import own_units

CONFLICT_STATUS = 409
PREFIX = "BT"
OWNER = "owner"
IN_FORCE = ("final", "filed")
NAMES = frozenset(one.name for one in FACTS)
OF_ORGANISATION = ("platform_linked", *OF_COMPANY)


@dataclass(frozen=True)
class Person:
    """Somebody that a line is for: served from a day to a day; of a committee, the member on record."""

    name: str
    from_on: date
    to_on: date | None = None
    post: str = "member"
    member: Member | None = None


@dataclass(frozen=True)
class DoneCase:
    """A case that somebody settled: its number, the day it was closed, and how many share in it."""

    number: str
    closed_on: date
    sharers: int = 1


@dataclass(frozen=True)
class Asking:
    """What is claimed. `given`: what the pack asks to be typed, by the names of its facts."""

    scheme: str
    from_on: date
    to_on: date
    given: Mapping[str, Any] = field(default_factory=dict)
    unit: Unit | None = None
    organisation: Organisation | None = None
    policy: SupportPolicy | None = None
    motion: Motion | None = None
    people: Sequence[Person] = ()
    cases: Sequence[DoneCase] = ()
    occasion: str = ""
    payee: str = ""
    papers: Sequence[tuple[str, StoredFile]] = ()


@dataclass(frozen=True)
class Drawn:
    """A line before it is written."""

    holder: tuple[str, str, str]
    from_on: date | None
    to_on: date | None
    facts: Mapping[str, Any]
    asked_on: date
    months: str = ""
    slot: int = 1


@transaction.atomic
def claim(estate: Estate | None, *, asking: Asking, place_path: str = "", actor: Actor, now: datetime) -> Claim:
    """Makes a claim with its lines, shares and evidence.

    Refuses `no_scheme`, `claimant`, `claim_days`, `papers`, `check_failed` by the pack's checks on `funds.claim`,
    `needs` (a fact that nobody knows), `nothing_due` (by the formula), `paid_twice` (the same days were claimed).
    """
    on = core.local_day(now)
    path = estate.place_path if estate is not None else place_path
    scheme = _scheme(asking.scheme, estate, path, on)
    _check_claimant(scheme, estate, path, actor, on, unit=asking.unit)
    _check_days(asking, on)
    known = facts_for(estate, asking, on=on)
    names = {name for name, _ in asking.papers}
    missing = [one for one in scheme.rules.get("papers") or () if one not in names]
    if missing:
        raise Refused(
            "papers",
            f"还缺：{'、'.join(missing)}。请上传后再提交。",
            clause=tuple(scheme.answer.clauses),
            fields={"papers": f"还缺{'、'.join(missing)}"},
        )
    checked = {**known, "papers": len(asking.papers)}
    findings = core.run_checks("funds.claim", checked, place_path=path, on=on)
    lines = [(one, *_amount(one, known, path, on)) for one in _drawn(scheme, estate, path, asking, known, on)]
    amount = sum(fen for _, fen, _ in lines)
    if amount <= 0 and not scheme.rules.get("honour"):
        _refuse_nothing(scheme, [answer for _, _, answer in lines])
    row = _written(scheme, estate, path, asking, amount=amount, findings=findings, lines=lines, actor=actor, now=now)
    _write_lines(row, lines, asking, now)
    split_shares(row, on=on)
    ClaimPaper.objects.bulk_create(ClaimPaper(claim=row, item=item, file=file, at=now) for item, file in asking.papers)
    must_decide = bool(row.findings or standing_of(row, on))
    tell(row, kind="subsidy.claimed", actor=actor, now=now, lines=len(lines), must_decide=must_decide)
    return row


def preview(
    estate: Estate | None, *, asking: Asking, place_path: str = "", on: date
) -> list[tuple[Drawn, int, Answer]]:
    """The lines that a claim would have, without writing anything."""
    path = estate.place_path if estate is not None else place_path
    scheme = _scheme(asking.scheme, estate, path, on)
    known = facts_for(estate, asking, on=on)
    return [(one, *_amount(one, known, path, on)) for one in _drawn(scheme, estate, path, asking, known, on)]


def _scheme(code: str, estate: Estate | None, path: str, on: date) -> Scheme:
    found = scheme_at(code, path, on, estate_type=estate.estate_type if estate is not None else None)
    if found is None:
        raise Refused("no_scheme", "本地文件没有这个补贴项目，请另选。", fields={"scheme": "请另选"})
    return found


def _check_claimant(
    scheme: Scheme, estate: Estate | None, path: str, actor: Actor, on: date, *, unit: Unit | None
) -> None:
    if actor.is_system:
        return
    core.require(actor, "money.claim", OfEstate(estate, on) if estate is not None else _At(path))
    if actor.role not in scheme.rules["claimed_by"]:
        words = "、".join(core.role_name(one, place_path=path, on=on) for one in scheme.rules["claimed_by"])
        raise Refused("claimant", f"{scheme.title}由{words}申请，请转告他们提出。", clause=tuple(scheme.answer.clauses))
    if actor.role == OWNER and unit is not None and not own_units(actor).filter(pk=unit.pk).exists():
        raise Refused("not_yours", "只能为自己的房屋申请。", fields={"unit": "请选自己的房屋"})


@dataclass(frozen=True)
class _At:
    """A claim for no estate: a company asks for itself where it has its post."""

    place_path: str

    def is_party(self, actor: Actor) -> bool:
        return actor.within(self.place_path)


def _check_days(asking: Asking, on: date) -> None:
    if asking.to_on < asking.from_on:
        raise Refused("claim_days", "止日要在起日之后。", fields={"to_on": "要在起日之后"})


def facts_for(estate: Estate | None, asking: Asking, *, on: date) -> dict[str, Any]:
    """What is known of the claim: the registry's word first, what was typed where the registry knows nothing."""
    known: dict[str, Any] = {"scheme": asking.scheme, "decided_by": decided_by(asking.motion, estate)}
    if estate is not None:
        known |= {name: value for name, value in estate_facts(estate, on).items() if name in NAMES}
        if estate.building_area_m2 is not None:
            known["area_m2"] = estate.building_area_m2
        project = served_by(estate, on)
        known["served"] = project is not None
        if project is not None:
            known["service_kind"] = project.service_kind
    if asking.organisation is not None:
        known |= facts_of(asking.organisation.ref, OF_ORGANISATION, on)
        known["company_claims"] = True
    if asking.policy is not None:
        known |= _of_policy(asking, on)
    if asking.scheme == "honour_award" or asking.given.get("honour"):
        known["higher_paid"] = _other_honours(estate, asking)
    typed = {name: value for name, value in asking.given.items() if name in NAMES and value is not None}
    months = months_between(asking.from_on, asking.to_on)
    known["claim_months"] = months
    billed = charges_paid(asking.unit, from_on=asking.from_on, to_on=asking.to_on) if asking.unit is not None else None
    if billed is not None:
        typed.pop("paid", None)  # the bills know better than what was typed
        known |= {"paid": billed} if billed else {}
    paid = known.get("paid", typed.get("paid"))
    if paid is not None and "monthly" not in typed and months:
        known["monthly"] = Fraction(paid) / months
    return {**typed, **known}


def decided_by(motion: Motion | None, estate: Estate | None) -> str:
    """By whom the owners' decision was taken that the claim rests on; `none` without one that is in force."""
    if motion is None or estate is None or motion.vote.estate_id != estate.pk:
        return "none"
    if motion.outcome != "passed" or motion.vote.state not in IN_FORCE:
        return "none"
    return "management_committee" if motion.vote.convener == "management_committee" else "assembly"


def _of_policy(asking: Asking, on: date) -> dict[str, Any]:
    policy = asking.policy
    if policy is None or asking.organisation is None:
        raise Refused("policy", "请选扶持政策和企业。", fields={"policy": "请选政策"})
    used = Claim.objects.filter(
        policy=policy, organisation=asking.organisation, from_on__year=asking.from_on.year
    ).exclude(state__in=DEAD)
    facts: dict[str, Any] = {
        "policy_in_force": policy.from_on <= asking.from_on and (policy.to_on is None or asking.to_on <= policy.to_on),
        "times_left": policy.times_a_year is None or used.count() < policy.times_a_year,
    }
    if policy.cap_fen is not None:
        facts["policy_cap"] = Decimal(policy.cap_fen) / FEN_PER_YUAN
    return facts


def _other_honours(estate: Estate | None, asking: Asking) -> Decimal:
    """What the same project was awarded for other honours of that year, in yuan."""
    rows = Claim.objects.filter(scheme=asking.scheme, estate=estate, from_on__year=asking.from_on.year)
    return Decimal(sum(rows.exclude(state__in=DEAD).values_list("amount_fen", flat=True))) / FEN_PER_YUAN


# -- lines ------------------------------------------------------------------------------------------------------------
def _drawn(
    scheme: Scheme, estate: Estate | None, path: str, asking: Asking, known: Mapping[str, Any], on: date
) -> Iterator[Drawn]:
    how = scheme.rules["lines"]
    if how in ("member", "case"):
        yield from _of_people(scheme, path, asking)
        return
    holder = _holder(scheme, estate, path, asking)
    from_on, to_on = asking.from_on, asking.to_on
    since = _since(scheme, estate, known, on)
    if scheme.rules.get("stops_on_sale") and asking.unit is not None and since is not None:
        to_on = _until_stopped(asking, since, scheme)
    if how == "month":
        stretches = list(
            calendar_months(from_on, to_on, since=since, first_until=scheme.rules.get("first_month_until"))
        )
    elif how == "year":
        stretches = years(from_on, to_on, since=since or from_on)
    else:
        whole = Stretch(from_on, to_on)
        begin, end = (None, None) if scheme.rules.get("once") else (from_on, to_on)
        yield Drawn(holder, begin, end, {"months": whole.months}, on, whole.words)
        return
    if since is not None and from_on < since:
        raise Refused(
            "before_start", f"从{cn_date(since)}起算，之前的不补。", fields={"from_on": f"不早于{cn_date(since)}"}
        )
    for one in stretches:
        if one.month_number is not None and one.month_number < 1:
            continue
        facts = {"months": one.months, "year_number": one.year_number, "month_number": one.month_number}
        given = {name: value for name, value in facts.items() if value is not None}
        yield Drawn(holder, one.from_on, one.to_on, given, one.from_on, one.words)


def _holder(scheme: Scheme, estate: Estate | None, path: str, asking: Asking) -> tuple[str, str, str]:
    kind = scheme.rules["holder"]
    if kind == "unit" and asking.unit is not None and estate is not None:
        if asking.unit.building.estate_id != estate.pk:
            raise Refused("unit", "这套房屋不在这个小区。", fields={"unit": "请另选"})
        return ("unit", str(asking.unit.pk), str(asking.unit)[:100])
    if kind == "organisation" and asking.organisation is not None:
        return ("organisation", str(asking.organisation.pk), asking.organisation.name[:100])
    if kind == "estate" and estate is not None:
        return ("estate", str(estate.pk), estate.name)
    if kind == "person" and asking.people:
        return _of_person(asking.people[0], path)
    words = {"unit": "房屋", "organisation": "企业", "estate": "小区", "person": "受益人"}[kind]
    raise Refused("holder", f"请填{words}。", fields={kind: f"请填{words}"})


def _since(scheme: Scheme, estate: Estate | None, known: Mapping[str, Any], on: date) -> date | None:
    what = scheme.rules.get("since")
    if what is None or estate is None:
        return None
    if what == "delivered":
        found = known.get("delivered_on")
        if found is None:
            raise Refused("delivered_on", "小区档案没有交付日期，算不出第几年。请先补录交付日期。")
        return found
    project = served_by(estate, on)
    if project is None:
        raise Refused("no_service", "小区没有物业服务项目，请先登记服务合同的起始日。")
    return project.from_on


def _until_stopped(asking: Asking, since: date, scheme: Scheme) -> date:
    stop = stopped_from(asking.unit, since=since) if asking.unit is not None else None
    if stop is None or asking.given.get("inherited") or stop[0] > asking.to_on:
        return asking.to_on
    if stop[0] <= asking.from_on:
        raise Refused(
            "stopped",
            f"这套房屋从{cn_date(stop[0])}起已{stop[1]}，从这一天起不再补贴，物业费由购房人或承租人承担。",
            clause=tuple(scheme.answer.clauses),
            fields={"from_on": f"{cn_date(stop[0])}起不补"},
        )
    return stop[0] - DAY


def _of_person(person: Person, path: str) -> tuple[str, str, str]:
    if person.member is not None:
        return ("member", str(person.member.pk), crypto.mask_name(person.name)[:60])
    digest = crypto.keyed_hash(f"{path}|{person.name.strip()}", purpose="subsidy_holder")
    return ("person", digest[:64], crypto.mask_name(person.name.strip())[:60])


def _of_people(scheme: Scheme, path: str, asking: Asking) -> Iterator[Drawn]:
    """One line for each person, by the time served within the claim; and one for each case that was settled."""
    if not asking.people:
        raise Refused("people", "请填受益人和任职起止日。", fields={"people": "请填受益人"})
    part = str(scheme.rules.get("part_month") or "none")
    for person in asking.people:
        from_on = max(person.from_on, asking.from_on)
        to_on = min(person.to_on or asking.to_on, asking.to_on)
        if to_on < from_on:
            continue
        months = months_in_office(from_on, to_on, part=part)
        holder = _of_person(person, path)
        yield Drawn(holder, from_on, to_on, {"months": months, "post": person.post}, from_on, f"{months}个月")
    for case in asking.cases:
        if not asking.from_on <= case.closed_on <= asking.to_on:
            raise Refused(
                "case_open",
                f"案件{case.number}的办结日期不在申请的时间以内，没有办结的不计。",
                fields={"cases": f"{case.number}不在本期办结"},
            )
        check_ending(case.number, case.closed_on, path)
        slot = _slot(asking.scheme, case, asking.people[0], path)
        whom = ("case", case.number, f"案件{case.number}")
        yield Drawn(whom, None, None, {"sharers": case.sharers}, case.closed_on, slot=slot)


def _slot(scheme: str, case: DoneCase, person: Person, path: str) -> int:
    """Which of the parts of a case this is; everybody has one, and there are as many as share in it."""
    mine = _of_person(person, path)[1]
    rows = ClaimLine.objects.filter(scheme=scheme, holder_kind="case", holder_id=case.number, live=True)
    taken = set(rows.values_list("slot", flat=True))
    others = ClaimLine.objects.filter(claim__in=rows.values("claim"), holder_id=mine, live=True)
    free = [one for one in range(1, case.sharers + 1) if one not in taken]
    if others.exists() or not free:
        raise Refused(
            "paid_twice",
            f"案件{case.number}已经按{len(taken)}人计过，不重复发。",
            fields={"cases": f"{case.number}已计"},
        )
    return free[0]


def _amount(drawn: Drawn, known: Mapping[str, Any], path: str, on: date) -> tuple[int, Answer]:
    """By the pack that holds on the first day of the line: a rate that changed counts from its own day. Days before the
    document held here count as its first day."""
    facts = {**known, **drawn.facts}
    answer = core.ask("funds.subsidy", facts, place_path=path, on=drawn.asked_on)
    if not answer.ok and not answer.needs and drawn.asked_on < on:
        answer = core.ask("funds.subsidy", facts, place_path=path, on=_first_day(path, drawn.asked_on, on))
    if answer.needs:
        words = "、".join(answer.explanation.needs_titles)
        raise Refused("needs", f"还不能计算，需要：{words}。请补录后再提交。", clause=tuple(answer.clauses))
    if not answer.ok:
        raise Refused("no_formula", "本地文件没有写这个项目怎样计算，请先由主管部门设定标准。")
    return int(answer.value["amount"]), answer


def _first_day(path: str, before: date, on: date) -> date:
    """The first day of the pack that holds on `on`, which did not hold yet on `before`."""
    pack = core.pack_for(path, on)
    first, last = before, on
    while last - first > DAY:
        middle = first + (last - first) // 2
        found = core.pack_for(path, middle)
        if pack is not None and found is not None and found.slug == pack.slug:
            last = middle
        else:
            first = middle
    return last


def _refuse_nothing(scheme: Scheme, answers: Sequence[Answer]) -> None:
    explained = [answer.explanation for answer in answers[:1]]
    says = "；".join(line for one in explained for line in (one.says or one.steps))
    raise Refused(
        "nothing_due",
        f"按规定算下来是0元，不予补贴。{says}{'。' if says else ''}",
        clause=tuple(dict.fromkeys(clause for answer in answers for clause in answer.clauses))
        or tuple(scheme.answer.clauses),
    )


# -- writing ----------------------------------------------------------------------------------------------------------
def _written(
    scheme: Scheme, estate: Estate | None, path: str, asking: Asking, *, amount: int, findings: Sequence[Any],
    lines: Sequence[tuple[Drawn, int, Answer]], actor: Actor, now: datetime,
) -> Claim:  # fmt: skip
    pack = core.pack_for(path, core.local_day(now))
    prefix = pack.document.prefix if pack is not None else ""
    year = core.local_day(now).year
    whom = lines[0][0].holder[2] if len(lines) == 1 or scheme.rules["holder"] == "unit" else ""
    title = " ".join(one for one in (scheme.title, asking.occasion.strip(), whom) if one)
    payee = (
        asking.payee.strip()
        or (actor.label if actor.role == OWNER else "")
        or str(scheme.rules.get("payee") or "")
        or (actor.organisation.name if actor.organisation else actor.label)
    )
    return Claim.objects.create(
        number=f"{prefix}{PREFIX}{year}{core.next_number(f'funds.claim|{prefix}', year):04d}",
        scheme=scheme.code,
        title=title[:100],
        estate=estate,
        unit=asking.unit,
        organisation=asking.organisation,
        policy=asking.policy,
        motion=asking.motion,
        occasion=asking.occasion.strip(),
        from_on=asking.from_on,
        to_on=asking.to_on,
        given={name: str(value) for name, value in asking.given.items() if value is not None},
        rules={**scheme.rules, "notice": str(scheme.rules.get("notice") or "")},
        basis=scheme.answer.to_json(),
        findings=[{"says": one.message, "clauses": list(one.clauses), "outcome": one.outcome} for one in findings],
        amount_fen=amount,
        steps=[one for one in scheme.rules["steps"] if amount > 0 or one != "pay"],
        payee=payee[:100],
        claimant=actor.organisation,
        claimant_role=actor.role,
        by=actor.user,
        made_at=now,
        place_path=path,
        demo=actor.demo,
    )


def _write_lines(row: Claim, lines: Sequence[tuple[Drawn, int, Answer]], asking: Asking, now: datetime) -> None:
    kept = {}
    for person in asking.people:
        if person.member is None:
            kept[_of_person(person, row.place_path)[1]] = core.keep_person(
                name=person.name, place_path=row.place_path, owner=row.ref, demo=row.demo, now=now
            )
    try:
        with transaction.atomic():
            ClaimLine.objects.bulk_create(
                ClaimLine(
                    claim=row, scheme=row.scheme, holder_kind=one.holder[0], holder_id=one.holder[1],
                    holder_title=one.holder[2], person=kept.get(one.holder[1]), occasion=row.occasion, slot=one.slot,
                    from_on=one.from_on, to_on=one.to_on, months=one.months[:20], amount_fen=fen,
                    basis=answer.to_json(),
                )
                for one, fen, answer in lines
            )  # fmt: skip
    except IntegrityError as error:
        if "funds_claim_line_once" not in str(error):
            raise
        _refuse_twice(row, lines)


def _refuse_twice(row: Claim, lines: Sequence[tuple[Drawn, int, Answer]]) -> None:
    before = None
    for one, _, _ in lines:
        found = ClaimLine.objects.filter(
            scheme=row.scheme, holder_kind=one.holder[0], holder_id=one.holder[1], occasion=row.occasion, live=True
        ).exclude(claim=row)
        if one.from_on is not None:
            found = found.filter(from_on__lte=one.to_on, to_on__gte=one.from_on)
        before = found.select_related("claim").first()
        if before is not None:
            break
    once = bool(row.occasion) and not any(one.from_on for one, _, _ in lines)
    number = before.claim.number if before is not None else ""
    if once:
        said = f"“{row.occasion}”已经申请过{f'（{number}）' if number else ''}，同一事由只发一次。要改的先撤回前一件。"
        name, short = "occasion", "已经申请过"
    else:
        told = f"（{number}，{cn_date(before.from_on)}至{cn_date(before.to_on)}）" if before is not None else ""
        said = f"同一对象、同一段时间已经申请过{told}，不重复发。请改成还没有申请的时间，或先撤回前一件。"
        name, short = "from_on", "与已有申请重叠"
    clauses = tuple(row.basis.get("clauses", ()))
    raise Refused("paid_twice", said, clause=clauses, fields={name: short}, status=CONFLICT_STATUS)


def split_shares(row: Claim, *, on: date) -> list[ClaimShare]:
    """Who bears how much: each part rounded half up, the rest to whom the pack names; together always the whole."""
    facts = {"scheme": row.scheme, **({"estate_type": row.estate.estate_type} if row.estate is not None else {})}
    answer = core.ask("funds.payers", facts, place_path=row.place_path, on=on)
    if not answer.ok:
        raise Refused("payers", "本地文件没有写这笔钱由谁出，请先由主管部门设定。", clause=tuple(answer.clauses))
    parts = split(row.amount_fen, answer)
    found = []
    for payer, fen in parts.items():
        place = payer_place(payer, row.place_path)
        if place is None:
            raise Refused("payers", f"找不到{PAYERS[payer]}所在的地区，请核对小区的地区。")
        found.append(ClaimShare(claim=row, payer=payer, item=row.rules["item"], place=place, amount_fen=fen))
    return ClaimShare.objects.bulk_create(found)


def split(amount_fen: int, answer: Answer) -> dict[str, int]:
    shares = {payer: Fraction(answer.value[payer]) for payer in PAYERS if answer.value.get(payer)}
    if sum(shares.values()) != 1:
        raise Refused("payers", "各方分担的比例合计不是100%，请主管部门核对文件设定。", clause=tuple(answer.clauses))
    rest_to = answer.value.get("rest_to") or next(reversed(shares))
    half = Fraction(1, 2)
    parts = {payer: int(share * amount_fen + half) for payer, share in shares.items() if payer != rest_to}
    parts[rest_to] = amount_fen - sum(parts.values())
    return {payer: parts[payer] for payer in PAYERS if payer in parts}


def tell(row: Claim, *, kind: str, actor: Actor, now: datetime, **data: Any) -> None:
    step = next_step(row) if row.state == "running" else None
    by = who_takes(row, step, core.local_day(now)) if step is not None else ()
    core.record(
        kind,
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={
            "scheme": row.scheme,
            "estate": str(row.estate_id) if row.estate_id else None,
            "claimant": row.claimant_role,
            "amount": row.amount_fen,
            "next_step": step,
            "next_by": by[0] if by else None,
            **data,
        },
    )
