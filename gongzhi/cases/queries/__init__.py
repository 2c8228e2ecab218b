"""Reading cases: what can be done, who sees what, what repeats, the registers."""

from gongzhi.cases.queries.acts import Act, case_acts
from gongzhi.cases.queries.cases import (
    CaseView,
    TrackedCase,
    case_view,
    cases_for,
    filtered,
    may_see,
    readable_by,
    stages,
    timeline,
    tracked,
    tracked_cases,
)
from gongzhi.cases.queries.ledgers import (
    LEDGER_COLUMNS,
    checks_by_source,
    departments_of_matter,
    mediation_totals,
    on_spot_rate,
    problem_month,
    problems_for,
    register_rows,
    totals,
    transfer_days,
)
from gongzhi.cases.queries.similar import duplicates, hotspots, source_counts

__all__ = [
    "readable_by",
    "LEDGER_COLUMNS",
    "Act",
    "CaseView",
    "TrackedCase",
    "case_acts",
    "case_view",
    "checks_by_source",
    "cases_for",
    "departments_of_matter",
    "duplicates",
    "filtered",
    "hotspots",
    "may_see",
    "mediation_totals",
    "on_spot_rate",
    "problem_month",
    "problems_for",
    "register_rows",
    "source_counts",
    "stages",
    "timeline",
    "totals",
    "tracked",
    "tracked_cases",
    "transfer_days",
]
