"""The packs themselves: they load, their catalogues are whole, and every worked case holds."""

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gongzhi.policy import Packs, decide, load
from gongzhi.policy.problems import Problem
from gongzhi.policy.worked_cases import Case, run_case
from gongzhi.policy.yaml_text import read_yaml
from gongzhi.site.vocabulary import vocabulary

PACKS = Path(__file__).resolve().parents[1] / "packs"
CLAUSES_OF_CATALOGUE = {"zhangjiagang": 186, "jinhua": 105, "jiangyin": 137, "jiujiang": 317, "meixian": 193}


@cache
def loaded() -> tuple[Packs, list[Problem]]:
    return load(PACKS, vocabulary())


def worked_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{pack.slug}:{case.id}", marks=[pytest.mark.clause(*case.clauses)])
        for pack in loaded()[0]
        for case in pack.cases
    ]


def test_all_packs_load_without_a_problem() -> None:
    packs, problems = loaded()
    assert [str(one) for one in problems] == []
    assert set(packs.slugs) == {"national", *CLAUSES_OF_CATALOGUE}


@pytest.mark.parametrize("case", worked_cases())
def test_a_worked_case_of_a_pack_holds(case: Case) -> None:
    assert run_case(loaded()[0][case.pack], case) == []


@pytest.mark.parametrize(("slug", "clauses"), CLAUSES_OF_CATALOGUE.items())
def test_the_catalogue_is_whole_and_every_clause_has_an_anchor(slug: str, clauses: int) -> None:
    own = [one for one in loaded()[0][slug].clauses.values() if one.pack == slug]
    assert len(own) == clauses
    assert [one.id for one in own if not one.anchor] == []


@pytest.mark.parametrize("slug", sorted(CLAUSES_OF_CATALOGUE))
def test_every_document_answers_tender_mediation_route_desk_and_deadline(slug: str) -> None:
    pack = loaded()[0][slug]
    asked = {
        "contracts.tender_methods",
        "cases.mediation_level",
        "cases.route",
        "cases.intake_desk",
        "cases.answer_deadline",
    }
    assert asked <= set(pack.questions_answered)


@pytest.mark.clause("JJ-3.0-1")
def test_jiujiang_divides_25_tasks_and_housing_leads_20_of_them() -> None:
    pack = loaded()[0]["jiujiang"]
    sheet, _ = read_yaml(PACKS / "jiujiang" / "tasks.yaml", "tasks.yaml")
    tasks = [row["when"]["task"] for row in sheet["decisions"][0]["rows"] if row["when"]]
    leads = [decide(pack, "cases.task_division", {"task": one}, on=date(2022, 5, 1)).value["lead"] for one in tasks]
    led = Counter(role for roles in leads for role in roles)
    assert len(tasks) == 25
    assert (led["housing"], led["urban_management"], led["discipline_office"]) == (20, 1, 1)
    assert sum(1 for roles in leads if len(roles) > 1) == 5
    assert sum(1 for roles in leads if "housing" in roles and len(roles) > 1) == 3


@pytest.mark.clause("JY-3.2-2")
def test_jiangyin_divides_24_tasks_by_leading_and_by_helping_units() -> None:
    pack = loaded()[0]["jiangyin"]
    sheet, _ = read_yaml(PACKS / "jiangyin" / "tasks.yaml", "tasks.yaml")
    tasks = [row["when"]["task"] for row in sheet["decisions"][0]["rows"] if row["when"]]
    answers = [decide(pack, "cases.task_division", {"task": one}, on=date(2024, 5, 8)).value for one in tasks]
    led = Counter(role for one in answers for role in one["lead"])
    helps = Counter(role for one in answers for role in one.get("duty") or ())
    assert len(tasks) == 24
    named = answers[3:]  # the first three name nobody: a reading of the platform
    assert sum(1 for one in named if one["lead"]) == 21
    assert {role: (led[role], helps[role]) for role in ("housing", "urban_management", "fire_rescue")} == {
        "housing": (10, 5), "urban_management": (4, 1), "fire_rescue": (1, 2)
    }  # fmt: skip
    assert sum("street_office" in one["lead"] for one in named) == 13
    assert (helps["street_office"], led["water_bureau"], helps["water_bureau"]) == (4, 0, 1)
