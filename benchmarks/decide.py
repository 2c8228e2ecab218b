"""How many decisions a second one core makes on a compiled table of six rows, reasons built lazily.

Limit: at least 300,000 a second. The ratio is to the same rules as a bare Python function, measured in this run.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from gongzhi.policy.asking import decide
from gongzhi.policy.loader import load
from gongzhi.policy.vocabulary import AREA_M2, BOOL, Enum, Fact, Question, Vocabulary

LIMIT = 300_000
ROUNDS, CALLS = 5, 60_000

_PACK = """
pack: sample
title: 样例
document: 样例
prefix: SM
status: in_force
"""
_CLAUSES = """
clauses:
  - {id: SM-1, where: 一, kind: threshold, topic: tender, says: 样例, strength: must}
"""
_TABLE = """
figures:
  large: {value: "300000", unit: m2, clause: SM-1}
  small: {value: "30000", unit: m2, clause: SM-1}
decisions:
  - question: bench.method
    rows:
      - {when: {kind: other}, answer: any, clauses: [SM-1]}
      - {when: {kind: [home, mixed], area_m2: {at_least: large}}, answer: public, clauses: [SM-1]}
      - {when: {kind: mixed, area_m2: {below: small}}, answer: agreement, clauses: [SM-1]}
      - {when: {area_m2: {below: small}, approved: yes}, answer: agreement, clauses: [SM-1]}
      - {when: {area_m2: {below: small}, approved: no}, answer: invited, clauses: [SM-1]}
      - {when: {}, answer: invited, clauses: [SM-1]}
"""


def bare(facts: dict[str, Any]) -> str:
    kind, area, approved = facts["kind"], facts["area_m2"], facts["approved"]
    if kind == "other":
        return "any"
    if kind in ("home", "mixed") and area >= 300000:
        return "public"
    if kind == "mixed" and area < 30000:
        return "agreement"
    if area < 30000 and approved:
        return "agreement"
    if area < 30000:
        return "invited"
    return "invited"


def rate(call: Callable[[dict[str, Any]], Any], rows: list[dict[str, Any]]) -> float:
    best = 0.0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for facts in rows:
            call(facts)
        best = max(best, len(rows) / (time.perf_counter() - start))
    return best


def main() -> int:
    question = Question(
        "bench.method",
        "用什么方式",
        (
            Fact("kind", Enum("home", "other", "mixed"), "类型"),
            Fact("area_m2", AREA_M2, "面积"),
            Fact("approved", BOOL, "批准"),
        ),
        Enum("any", "public", "invited", "agreement"),
    )
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "sample"
        home.mkdir()
        for name, text in (("pack.yaml", _PACK), ("clauses.yaml", _CLAUSES), ("rules.yaml", _TABLE)):
            (home / name).write_text(text, encoding="utf-8")
        packs, problems = load(folder, Vocabulary(questions=(question,)))
    assert not problems, "\n".join(map(str, problems))
    pack, on = packs["sample"], date(2026, 1, 1)
    kinds, areas = ("home", "mixed", "other"), (29999, 30000, 299999, 300000, Decimal("29999.99"))
    rows = [
        {"kind": kinds[number % 3], "area_m2": areas[number % 5], "approved": number % 2 == 0}
        for number in range(CALLS)
    ]
    assert all(decide(pack, "bench.method", one, on=on).value == bare(one) for one in rows[:60])
    plain = rate(bare, rows)
    decided = rate(lambda facts: decide(pack, "bench.method", facts, on=on), rows)
    print(f"decide: {decided:,.0f} a second on one core (limit {LIMIT:,})")
    print(f"bare function: {plain:,.0f} a second; ratio {decided / plain:.3f}")
    return 0 if decided >= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
