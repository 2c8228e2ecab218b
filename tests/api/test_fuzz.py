"""Schemathesis over the whole description: nothing answers 5xx, every answer is as described.

With a key of a post that may nearly everything, of one that may little, and without one. Half of the addresses lead
to rows that exist, so that more than the door is tried; each request is undone.
"""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gongzhi.cases.accountability.api.items import KINDS
from gongzhi.cases.accountability.services.tasks import give_task
from gongzhi.cases.hotline.services import dry_run, make_source
from gongzhi.cases.models import Case
from gongzhi.cases.tests.steps import assigned, submitted
from gongzhi.cases.tests.test_hotline import HEAD, ROW
from gongzhi.cases.views_act_pages import ACT_PAGES
from gongzhi.contracts import services as contracts
from gongzhi.contracts.pages.acts import ACTS as PROCEDURE_ACTS
from gongzhi.contracts.pages.contracts import ACTS as CONTRACT_ACTS
from gongzhi.contracts.tests import place as contract_steps
from gongzhi.contracts.tests.test_contracts import FIVE
from gongzhi.contracts.words import PROCEDURES as PROCEDURE_KINDS
from gongzhi.core import middleware
from gongzhi.core.actors import Actor
from gongzhi.core.tests.calling import ROOT, key_for
from gongzhi.core.tests.cast import PACK, Cast
from gongzhi.duties.acts import ACTS
from gongzhi.duties.models import Duty
from gongzhi.funds.charges.tests import charged
from gongzhi.funds.views.charging.acts import ACTS as CHARGE_ACTS
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.services import SeatInput
from gongzhi.governance.bodies.views.acts import ACTS as BODY_ACTS
from gongzhi.governance.votes.tests import steps as vote_steps
from gongzhi.governance.votes.views.acts import ACTS as VOTE_ACTS
from gongzhi.mediation.acts import ACTS as MEDIATION_ACTS
from gongzhi.mediation.tests.steps import asked as disputed
from gongzhi.registry import services as registry
from gongzhi.site.api import api

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Any of the first versions: else the fuzz would see nothing but 412.
ANY_VERSION = ", ".join(f'"{number}"' for number in range(10))
# More of them by hand: GONGZHI_FUZZ_EXAMPLES=20 pytest -n0 tests/api/test_fuzz.py -k full
EXAMPLES = int(os.environ.get("GONGZHI_FUZZ_EXAMPLES", "2"))
OPEN = "/public/estates"  # read by everybody, without a key
Rows = dict[str, dict[str, list[Any]]]


def rows_that_exist(cast: Cast) -> Rows:
    """Beginning of the address -> name in it -> values."""
    building = cast.estate.buildings.get(name="1幢")
    cases = list(Case.objects.values_list("number", flat=True))
    complaints = list(Case.objects.values_list("complaint__number", flat=True))
    duties = list(Duty.objects.values_list("pk", flat=True)[:5])
    posts = [cast.user(role).posts.get().pk for role in ("housing", "street_office")]
    assert building.pk
    desk = cast.actor("hotline_desk")
    source = make_source(name="12345热线", desk=cast.organisation("hotline_desk"), actor=desk, now=cast.now)
    run = dry_run(source, name="工单.csv", content=f"{HEAD}\n{ROW}".encode(), actor=desk, now=cast.now)
    lift = registry.register_facility(
        cast.estate, kind="elevator", code="T-1", actor=cast.actor("project_manager"), now=cast.now
    )
    office = {"actor": cast.actor("leading_group_office"), "now": cast.now}
    task = give_task(title="整治", unit=cast.organisation("street_office"), due_on=cast.now.date(), **office)
    body = bodies.register_body(
        kind="four_party_group", place=cast.estate.place, estate=cast.estate, formed_on=cast.now.date(),
        seats=[SeatInput(side=one) for one in ("street", "community", "property_company", "owners_committee")],
        actor=cast.actor("street_office"), now=cast.now,
    )  # fmt: skip
    vote = vote_steps.opened(cast)
    return {
        "/statistics/concentration": {"pk": [cast.estate.pk]},
        "/hotline/sources": {"pk": [source.pk]},
        "/hotline/runs": {"pk": [run.pk]},
        "/facilities": {"pk": [lift.pk]},
        "/forms/facility": {"pk": [cast.estate.pk]},
        "/accountability/items": {"kind": list(KINDS), "pk": [task.pk], "act": ["sign_for", "feed_back", "visit"]},
        "/accountability/forms": {"kind": list(KINDS)},
        "/accountability/boards": {"pk": [cast.estate.pk]},
        "/accountability/units": {"pk": [cast.organisation("housing").pk]},
        "/accountability/duties": {"pk": duties},
        "/cases": {"number": cases, "act": list(ACT_PAGES)},
        "/complaints": {"number": complaints},
        "/public/estates": {"pk": [cast.estate.pk]},
        "/public": {"number": complaints, "case": cases},
        "/duties/units": {"pk": [cast.organisation("housing").pk]},
        "/duties": {"pk": duties, "act": [one.name for one in ACTS.values()]},
        "/estates": {"pk": [cast.estate.pk, cast.estate_unknown.pk]},
        "/organisations": {"pk": [cast.organisation("property_company").pk, cast.organisation("housing").pk]},
        "/posts": {"pk": posts},
        "/projects": {"pk": list(cast.estate.projects.values_list("pk", flat=True))},
        "/packs": {"slug": [PACK], "question": ["cases.route", "cases.answer_deadline"], "name": ["report_in_period"]},
        "/bodies/rows": {
            "kind": ["estate", "body", "formation"],
            "pk": [cast.estate.pk, body.pk],
            "act": [one for acts in BODY_ACTS.values() for one in acts],
        },
        "/estates/{pk}/procedure": {"pk": [cast.estate.pk]},
        "/votes": {
            "pk": [vote.pk],
            "code": [vote.roll.order_by("code")[0].code],
            "proxy": ["w1"],
            "act": [*VOTE_ACTS, "tuiding", "gengzheng", "zhuanrang"],
        },
        "/workdays": {"year": [2022, 2031]},
        **rows_of_charges(cast),
        **rows_of_contracts(cast),
        "/estates/{pk}/mediations": {"pk": [cast.estate.pk]},
        "/mediations": {"pk": [disputed(cast).pk], "act": list(MEDIATION_ACTS)},
    }


def rows_of_charges(cast: Cast) -> Rows:
    project = charged.project_of(cast)
    unit = registry.register_unit(
        cast.estate.buildings.get(name="1幢"), name="801", exclusive_area_m2=Decimal("89.50"), area_source="register",
        actor=Actor.system(), now=cast.now,
    )  # fmt: skip
    charged.terms(cast)
    tariff = charged.tariff(cast, "1.50")
    bill = charged.bill(cast, unit, "134.25", due=cast.now.date())
    keys = {"project": project.pk, "unit": f"{project.pk}-{unit.pk}", "tariff": tariff.pk, "bill": bill.pk}
    acts = [code for kind in keys for code in CHARGE_ACTS[kind]]
    return {
        "/charges/rows": {"kind": list(keys), "key": [str(one) for one in keys.values()], "act": acts},
        "/charges/projects": {"pk": [project.pk], "unit": [unit.pk]},
        "/charges/bills": {"pk": [bill.pk]},
        "/charges/tariffs": {"pk": [tariff.pk]},
        "/funds/projects-served": {"pk": [project.pk]},
        "/funds/estates": {
            "pk": [cast.estate.pk],
            "purse": ["service_charges", "common_revenue"],
            "part": ["common_revenue"],
            "act": ["jianzhang", "hetong", "gongfang"],
        },
        "/funds/units": {"pk": [unit.pk]},
        "/units": {"pk": [unit.pk]},
        "/buildings": {"pk": [unit.building_id]},
    }


def rows_of_contracts(cast: Cast) -> Rows:
    company = cast.organisation("property_company")
    terms = contracts.Terms(
        signed_on=cast.now.date(), to_on=date(2030, 12, 31), manager_name="王经理", party_a="owners_committee",
        party_a_name="业委会", decision="业主大会2022-1号决议", services=dict.fromkeys(FIVE, "一级"),
        papers=contract_steps.papers(cast, contracts.WRITTEN),
    )  # fmt: skip
    held = contracts.sign_contract(
        cast.estate, company=company, kind="service", given=terms, actor=cast.actor("project_manager"), now=cast.now
    )
    begun = contracts.open_procedure(
        cast.estate, kind="takeover", given=contracts.Opening(), actor=cast.actor("project_manager"), now=cast.now
    )
    return {
        "/procedures": {"pk": [begun.pk], "act": list(PROCEDURE_ACTS)},
        "/contracts": {"pk": [held.pk], "act": list(CONTRACT_ACTS)},
        "/estates/{pk}/procedures": {"pk": [cast.estate.pk], "kind": list(PROCEDURE_KINDS)},
        "/estates/{pk}/contracts": {"pk": [cast.estate.pk], "kind": ["service", "preliminary"]},
    }


def operations() -> Iterator[Any]:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for found in described.get_all_operations():
        yield found.ok()


def tried(cast: Cast, secret: str, *, examples: int, seen: Callable[[str, int], None]) -> list[str]:
    rows, faults = rows_that_exist(cast), []
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    for operation in operations():
        try:
            _try(operation, rows, headers, examples, seen)
        except BaseExceptionGroup as many:  # several faults of one operation
            faults.append(f"{operation.label}: {'; '.join(map(str, many.exceptions))}"[:3000])
        except Exception as fault:  # noqa: BLE001 - all of them are told at once
            faults.append(f"{operation.label}: {fault}"[:1500])
    return faults


def _try(operation: Any, rows: Rows, headers: dict[str, str], examples: int, seen: Callable[[str, int], None]) -> None:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def one(data: Any) -> None:
        case = data.draw(operation.as_strategy())
        _lead_somewhere(case, rows, data)
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        seen(operation.label, response.status_code)
        case.validate_response(response, checks=CHECKS)

    one()


def _lead_somewhere(case: Any, rows: Rows, data: Any) -> None:
    path = case.operation.path.removeprefix(ROOT)
    known = next((names for begins, names in rows.items() if path.startswith(begins)), {})
    for name in case.path_parameters or {}:
        if known.get(name) and data.draw(st.booleans()):
            case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = ANY_VERSION


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """As Django's own test client does: a request must not close the connection that holds the test's transaction."""
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.fixture
def busy(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """A county with a case at every stage that a fuzz can reach, and a clock that stands still."""
    monkeypatch.setattr(middleware.timezone, "now", lambda: cast.now)
    submitted(cast, "illegal_structure")
    assigned(cast, "fire_lane", now=cast.now - timedelta(hours=1))
    return cast


@pytest.mark.parametrize(
    ("role", "examples", "wanted"),
    [
        pytest.param("leading_group_office", EXAMPLES, {200, 201, 400, 403, 404, 422}, marks=pytest.mark.long),
        pytest.param("owner", 1, {403, 404}, marks=pytest.mark.long),
        ("", 1, {401}),
    ],
    ids=["with full rights", "without rights", "without a key"],
)
def test_nothing_breaks_and_every_answer_is_as_described(
    busy: Cast, role: str, examples: int, wanted: set[int]
) -> None:
    statuses: dict[str, set[int]] = {}
    secret = key_for(busy, role) if role else ""
    faults = tried(
        busy, secret, examples=examples, seen=lambda name, status: statuses.setdefault(name, set()).add(status)
    )
    assert not faults, "\n\n".join(faults)
    described = {
        f"{method.upper()} {path}" for path, found in api.get_openapi_schema()["paths"].items() for method in found
    }
    assert set(statuses) == described
    found = set().union(*(seen for label, seen in statuses.items() if role or OPEN not in label))
    assert wanted <= found, found
    if not role:
        assert found == wanted
        assert any(OPEN in label for label in statuses)
