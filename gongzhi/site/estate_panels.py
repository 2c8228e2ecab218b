"""What the parts above the registry show on an estate's file and a unit's page: duties, cases, bodies, charges."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, Window
from django.urls import reverse

from gongzhi.cases import queries as cases
from gongzhi.cases.beside import Beside, Line, register_beside
from gongzhi.cases.models import Case
from gongzhi.contracts import queries as contracts
from gongzhi.contracts.models import Procedure
from gongzhi.contracts.words import ASSETS, STEPS
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.display import cn_date
from gongzhi.core.models import Post
from gongzhi.core.money import yuan
from gongzhi.core.rights import may
from gongzhi.duties.models import Duty
from gongzhi.duties.queries import seen_from_above, work_of_post
from gongzhi.duties.rights import SUPERVISORS
from gongzhi.funds.charges.models import Tariff
from gongzhi.funds.charges.queries.accounts import may_read as may_read_charges
from gongzhi.funds.charges.queries.accounts import may_read_units, standings
from gongzhi.funds.charges.queries.accounts import projects_for as charged_projects
from gongzhi.funds.charges.queries.lines import price_source
from gongzhi.funds.charges.queries.owed import open_bills, owed_fen
from gongzhi.funds.common import queries as purses
from gongzhi.funds.common.words import KEPT
from gongzhi.funds.maintenance.models import RepairReport
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.words import COMMITTEES
from gongzhi.mediation.queries import reading as mediations
from gongzhi.mediation.queries.circuit import coming_sessions
from gongzhi.patrols.models import PatrolFinding
from gongzhi.patrols.queries import reading as patrols
from gongzhi.policy.periods import end_of
from gongzhi.registry.models import Estate, Unit
from gongzhi.registry.models.spans import covers
from gongzhi.registry.panels import (
    Panel,
    Row,
    UnitLink,
    UnitNote,
    Work,
    register_panel,
    register_unit_link,
    register_unit_note,
    register_work,
)
from gongzhi.registry.queries import project_on
from gongzhi.site.queries_estates import notices_of

SHOWN = 6
REPAIR_MATTERS = ("repair_request",)
PRICE_MATTERS = ("price_violation", "unmarked_price", "service_charge_dispute")


def duties_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    if not actor.is_staff_role or on != local_day(now):
        return None
    rows: Any = Duty.objects.filter(estate=estate, closed_at__isnull=True).select_related("owner_organisation")
    if actor.role in SUPERVISORS and actor.within(estate.place_path):
        rows = seen_from_above(rows, actor)
    else:
        # The names of what others owe are the names of cases that a department is no party to.
        rows = rows.filter(Q(owner_organisation=actor.organisation) | Q(creditor=actor.organisation))
    counted = rows.annotate(in_all=Window(Count("pk"))).defer("state_json", "explanation")
    found = list(counted.order_by(F("due_at").asc(nulls_last=True), "pk")[:SHOWN])
    return Panel(
        code="duties",
        title="在这个小区谁欠什么",
        rows=tuple(
            Row(
                title=one.title,
                url=reverse("duties:detail", args=[one.pk]),
                note=one.subject_title,
                who=str(one.owner_organisation or ""),
                due=one,
                clauses=tuple(one.clauses[:1]),
            )
            for one in found
        ),
        total=found[0].in_all if found else 0,
        empty="没有未办的期限事项。",
        columns=("要做的事", "谁办", "期限"),
    )


def cases_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    rows = cases.readable_by(actor).filter(estate=estate, received_at__lt=end_of(on))
    found = list(rows.select_related("lead").order_by("-received_at")[: SHOWN + 1])
    total = len(found) if len(found) <= SHOWN else rows.count()
    return Panel(
        code="cases",
        title="投诉案件" if on == local_day(now) else "到那一天为止收到的投诉（现在的状态）",
        rows=tuple(
            Row(
                title=one.title if actor.is_staff_role else one.number,
                url=reverse("cases:case", args=[one.number]),
                note=f"{one.number}　{one.get_state_display()}",
                who=str(one.lead or "未派单"),
                due=one.answer_due_at if one.answered_at is None and one.running and on == local_day(now) else None,
            )
            for one in found[:SHOWN]
        ),
        total=total,
        url=f"{reverse('cases:list')}?view=all&estate={estate.pk}" if actor.is_staff_role else "",
        link=f"全部{total}件",
        empty="没有案件。",
        columns=("案件", "承办", "答复期限"),
    )


def mediation_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    """The disputes of the estate that the actor may read, and the sessions of the court there."""
    rows: Any = mediations.readable_by(actor, local_day(now)).filter(estate=estate, applied_at__lt=end_of(on))
    found = list(rows.prefetch_related("stages__organisation").order_by("-applied_at")[: SHOWN + 1])
    coming = [] if on != local_day(now) else coming_sessions(estate, on)
    if not found and not coming and not actor.is_staff_role:
        return None
    shown = [
        Row(
            title=one.number,
            url=reverse("mediation:file", args=[one.pk]),
            note=one.get_state_display(),
            who=one.stage.organisation.name,
            due=end_of(one.due_on) if one.due_on and one.state == "accepted" else None,
        )
        for one in found[:SHOWN]
    ]
    shown += [Row(title=f"巡回审理　{one.location}", note=one.cause, who=str(one.court), due=end_of(one.on))
              for one in coming]  # fmt: skip
    return Panel(
        code="mediation",
        title="纠纷调解",
        rows=tuple(shown),
        total=(len(found) if len(found) <= SHOWN else rows.count()) + len(coming),
        url=reverse("mediation:apply", args=[estate.pk]),
        link="申请调解",
        empty="没有调解案件。",
        columns=("案件", "调解单位", "期限"),
    )


def patrols_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    """The findings not struck off that day, and the last round before it."""
    rows: Any = patrols.findings_for(actor).filter(estate=estate, found_at__lt=end_of(on)).exclude(state="voided")
    still: Any = rows.filter(Q(passed_at=None) | Q(passed_at__gte=end_of(on)))
    found = list(still.order_by(F("due_on").asc(nulls_last=True), "pk")[:SHOWN])
    walked = patrols.rounds_for(actor).filter(estate=estate, walked_at__lt=end_of(on)).order_by("-walked_at").first()
    shown = [_finding_row(one, on) for one in found]
    if walked is not None:
        shown.append(
            Row(
                title=f"最近巡查　{walked.number}",
                url=reverse("patrols:round", args=[walked.pk]),
                note=cn_date(local_day(walked.walked_at)),
                who="、".join(one.organisation.name for one in walked.units.all()),
            )
        )
    return Panel(
        code="patrols",
        title="巡查和问题",
        rows=tuple(shown),
        total=(len(found) if len(found) < SHOWN else still.count()) + (walked is not None),
        url=reverse("patrols:estate", args=[estate.pk]),
        link="巡查",
        empty="没有巡查记录，也没有未销号的问题。",
        columns=("问题（巡查）", "责任单位", "整改时限"),
    )


def _finding_row(one: PatrolFinding, on: date) -> Row:
    return Row(
        title=one.kind,
        url=reverse("patrols:finding", args=[one.pk]),
        note=f"{one.number}　{one.location}",
        who=str(one.responsible or "还没有明确"),
        due=end_of(one.due_on) if one.due_on and one.rectified_at is None else None,
    )


def bodies_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    if not actor.is_staff_role:
        return None
    then = on != local_day(now)
    rows_of_day = estate.bodies.in_office(on) if then else estate.bodies.filter(state="in_office")
    found = list(rows_of_day.order_by("-formed_on"))
    forming = [] if then else list(estate.formations.filter(state="open"))
    rows = [
        Row(
            title=str(one),
            url=reverse("bodies:body", args=[one.pk]),
            note="" if one.kind not in COMMITTEES else "已备案" if one.filed_by(on) else "没有备案",
            who=_office_words(one, then=then),
            due=end_of(one.term_until) if one.term_until and not then else None,
        )
        for one in found
    ]
    rows += [Row(title=str(one), url=reverse("bodies:formation", args=[one.pk]), who="进行中") for one in forming]
    return Panel(
        code="bodies",
        title="业主组织",
        rows=tuple(rows[:SHOWN]),
        total=len(rows),
        url=reverse("bodies:estate", args=[estate.pk]),
        link="组织和换届",
        empty="那天没有在任的组织。" if then else "没有在任的组织，也没有在组建。",
        columns=("组织", "情况", "任期届满"),
    )


def accounts_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    """What the purses of the owners hold, with the way to their books."""
    if not actor.is_staff_role or not purses.may_read(actor, estate, on=local_day(now)):
        return None
    rows, books = [], purses.books_of(estate)
    for purse, title in KEPT.items():
        book = books.get(purse)
        if book is not None and book.opened_on <= on:
            address = reverse("funds:ledger", args=[estate.pk, purse])
            rows.append(Row(title=title, url=address, who=f"{yuan(purses.held(book, on))}元", note=f"到{cn_date(on)}"))
    return Panel(
        code="accounts",
        title="账目",
        rows=tuple(rows),
        total=len(rows),
        url=reverse("funds:estate", args=[estate.pk]),
        link="资金",
        empty="还没有建账。",
        columns=("账目", "余额", "截至"),
    )


def _office_words(body: Body, *, then: bool) -> str:
    words = f"{cn_date(body.formed_on)}成立"
    return f"{words}，任期到{cn_date(body.ended_on or body.term_until) or '不定'}" if then else words


def charges_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    """What fell due this year, what was paid of it, what is overdue; of the companies that bill or once billed here."""
    if not actor.is_staff_role or on != local_day(now):
        return None
    rows = charged_projects(actor, on=on).filter(estate=estate)
    found = standings(list(rows[:SHOWN]), on)
    if not found:
        return None
    return Panel(
        code="charges",
        title="物业收费",
        rows=tuple(
            Row(
                title=one.project.company.name,
                url=reverse("funds:charges_project", args=[one.project.pk]),
                note=f"今年应收{yuan(one.rate.due_fen)}元，收缴率{one.rate.words}",
                who=f"逾期{one.debtors}户，{yuan(one.overdue_fen)}元" if one.debtors else "没有逾期",
            )
            for one in found
        ),
        total=len(found),
        columns=("企业", "欠费", ""),
    )


def charges_of_unit(unit: Unit, actor: Actor, on: date) -> UnitLink | None:
    """The way to the unit's account with the company that bills it, or last billed it."""
    rows = charged_projects(actor, on=on).filter(estate=unit.building.estate)
    found = next((one for one in rows if may_read_units(actor, one)), None)
    return UnitLink("物业费", reverse("funds:charges_unit", args=[found.pk, unit.pk])) if found is not None else None


def notices_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    """收费公示 as it hung out that day: the owners of the estate read it here, everybody on its public page."""
    project = project_on(estate, on)
    if project is None:
        return None
    found = notices_of(project, on)
    return Panel(
        code="notices",
        title="收费公示",
        rows=tuple(
            Row(
                title=one.get_item_display(),
                note=f"{one.price.normalize():f}元" if one.price is not None else "",
                who=f"{one.get_place_display()}　{cn_date(one.shown_on)}起",
            )
            for one in found
        ),
        total=len(found),
        empty="企业没有登记收费公示。",
        columns=("项目", "公示", ""),
    )


def _under_way(row: Procedure) -> str:
    """An asset says to whom it has not come yet."""
    if row.kind != "asset_transfer":
        return row.get_kind_display()
    return f"没有移交完：{row.given.get('asset_name', '')}（{ASSETS.get(row.given.get('asset', ''), '')}）"


def contracts_panel(estate: Estate, *, actor: Actor, now: datetime, on: date) -> Panel | None:
    """What is under way: a choice, an inspection, an exit, assets not handed over."""
    if on != local_day(now) or not (actor.is_staff_role or actor.organisation):
        return None
    running = contracts.procedures_for(actor).filter(estate=estate, state="running")
    found = list(running[:SHOWN])
    rows = [
        Row(
            title=_under_way(one),
            url=reverse("contracts:procedure", args=[one.pk]),
            note=f"{one.number}　下一步：{STEPS.get(contracts.next_step(one) or '', '')}",
            who=str(one.company or one.opener or ""),
        )
        for one in found
    ]
    return Panel(
        code="contracts",
        title="合同、选聘和交接",
        rows=tuple(rows),
        total=len(rows),
        url=f"{reverse('contracts:contracts')}?estate={estate.pk}",
        link="合同",
        empty="没有在办的选聘、查验、退出。",
        columns=("事项", "企业（提出）", "期限"),
    )


def repairs_beside(case: Case, actor: Actor, on: date) -> Beside | None:
    """由谁修 as it was judged, beside a repair that somebody asked for; and the way there for who may judge."""
    if case.estate is None or case.matter not in REPAIR_MATTERS:
        return None
    judge = may(actor, "repair.judge", case.estate)
    rows = RepairReport.objects.filter(case_number=case.number, estate=case.estate).order_by("pk")
    lines = [
        Line(
            title=one.get_part_display(), value=f"由{one.get_who_display()}维修",
            note=f"{cn_date(one.done_on)}修好" if one.done_on else f"{cn_date(one.judged_on)}判定",
            url=reverse("funds:repair_report", args=[one.pk]) if judge else "",
        )
        for one in rows
    ]  # fmt: skip
    if judge and not lines:
        way = f"{reverse('funds:repair_judge')}?estate={case.estate_id}&case={case.number}"
        lines = [Line(title="还没有判定", value="判定由谁修", url=way)]
    return Beside(title="报修由谁修", lines=tuple(lines), empty="还没有判定。")


def prices_beside(case: Case, actor: Actor, on: date) -> Beside | None:
    """收费标准 as registered, beside a complaint about charges, for who looks into it."""
    if case.estate is None or case.matter not in PRICE_MATTERS:
        return None
    rows = Tariff.objects.filter(project__estate=case.estate, state="in_force", project__to_on=None)
    listed = rows.filter(covers(on)).select_related("project__company", "motion").order_by("fee", "title")
    return Beside(
        title="已登记的收费标准",
        lines=tuple(
            Line(
                title=one.title,
                value=f"{one.price.normalize():f}{one.per}",
                note=f"{one.project.company.name}　{price_source(one)}",
                url=reverse("funds:tariff", args=[one.pk]) if may_read_charges(actor, one.project) else "",
            )
            for one in listed
        ),
        empty="这个小区的企业没有登记收费标准。",
    )


def duties_of_post(post: Post) -> list[Work]:
    """What `duties.hand_over` hands on when the post ends."""
    rows = work_of_post(post).defer("state_json", "explanation")
    return [
        Work(one.title, reverse("duties:detail", args=[one.pk]), one)
        for one in rows.order_by(F("due_at").asc(nulls_last=True), "pk")
    ]


def fund_account(unit: Unit, actor: Actor, on: date) -> UnitLink | None:
    if not may(actor, "fund.read_units", purses.OfEstate(unit.building.estate, on)):
        return None
    return UnitLink("维修资金分户账", reverse("funds:unit", args=[unit.pk]))


def unsettled_charges(unit: Unit, on: date) -> UnitNote | None:
    """What is open for a unit, whoever owed it, where it is about to change hands."""
    owed = owed_fen(open_bills(unit=unit), on)
    if not owed:
        return None
    path = unit.building.estate.place_path
    found = core.run_checks("funds.clearance", {"cleared": False}, place_path=path, on=on, raise_=False)
    clauses = dict.fromkeys(clause for one in found for clause in one.clauses)
    return UnitNote(
        f"物业费未结清：还有{yuan(owed)}元（含到今天的违约金）",
        "转让的，请提醒原权人据实结清。只作提示，不影响登记。",
        tuple(clauses),
    )


def register() -> None:
    register_panel(duties_panel, first=True)
    register_panel(cases_panel)
    register_panel(patrols_panel)
    register_panel(mediation_panel)
    register_panel(bodies_panel)
    register_panel(accounts_panel)
    register_panel(charges_panel)
    register_panel(notices_panel, for_owners=True)
    register_panel(contracts_panel)
    register_work(duties_of_post)
    register_unit_link(fund_account)
    register_unit_link(charges_of_unit)
    register_unit_note(unsettled_charges)
    register_beside(prices_beside)
    register_beside(repairs_beside)
