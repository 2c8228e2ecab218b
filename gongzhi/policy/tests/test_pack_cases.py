"""The packs of the repository: they load without problems, and each of their worked cases holds."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gongzhi.policy import Packs, Problem, load
from gongzhi.policy.worked_cases import Case, run_case
from gongzhi.site.vocabulary import vocabulary

PACKS = Path(__file__).resolve().parents[3] / "packs"
MOST_CLAUSES = 5


@cache
def everything() -> tuple[Packs, list[Problem]]:
    return load(PACKS, vocabulary())


def _cases() -> list[Any]:
    return [
        pytest.param(
            pack.slug,
            case,
            id=f"{pack.slug}-{case.id}",
            marks=[pytest.mark.clause(*case.clauses[:MOST_CLAUSES])] if case.clauses else [],
        )
        for pack in everything()[0]
        for case in pack.cases
    ]


def test_all_packs_load_without_problems():
    if not any(PACKS.glob("*/pack.yaml")):
        pytest.skip("no packs yet")
    packs, problems = everything()
    assert not problems, "\n".join(map(str, problems))
    assert set(packs.slugs) == {path.parent.name for path in PACKS.glob("*/pack.yaml")}


def test_no_worked_case_names_more_clauses_than_a_test_may():
    many = [
        f"{pack.slug} {case.id}" for pack in everything()[0] for case in pack.cases if len(case.clauses) > MOST_CLAUSES
    ]
    assert not many


@pytest.mark.parametrize(("slug", "case"), _cases())
def test_a_worked_case_of_a_pack_holds(slug: str, case: Case):
    wrong = run_case(everything()[0][slug], case)
    assert not wrong, f"{slug} {case.id} {case.title}: " + "；".join(wrong)
