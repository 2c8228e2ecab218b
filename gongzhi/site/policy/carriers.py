"""What carries each clause of a document: figures, decisions, checks, duties, windows, instruments, switches."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

RULES = ("派单和判断", "算式", "检查", "期限", "升级", "窗口")
NUMBERS = ("数值", "开关", "叫法", "文书")


@dataclass
class Carriers:
    """`rules` and `numbers`: kind -> titles; `duties`: names of duty rules; `manual`: a person marks it done."""

    rules: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    duties: list[str] = field(default_factory=list)
    manual: bool = False

    @property
    def lines(self) -> list[str]:
        found = [*self.rules.items(), *self.numbers.items()]
        return [f"{kind}：{'、'.join(dict.fromkeys(titles))}" for kind, titles in found]

    @property
    def state(self) -> str:
        if self.rules:
            return "manual" if self.manual else "rules"
        return "numbers" if self.numbers else "none"


STATES = {
    "rules": ("有规则", "gz-ok"),
    "manual": ("人工登记", "gz-soon"),
    "numbers": ("只有数值", "gz-wait"),
    "none": ("还没有", "gz-over"),
}


def carriers(pack: Any) -> dict[str, Carriers]:
    """Clause id -> what carries it, in the effective pack."""
    found: dict[str, Carriers] = defaultdict(Carriers)
    for clause, kind, title in _rules(pack):
        found[clause].rules[kind].append(title)
    for clause, kind, title in _numbers(pack):
        found[clause].numbers[kind].append(title)
    for name, rule in pack.duty_rules.items():
        for clause in rule.clauses:
            found[clause].rules["期限"].append(rule.title)
            found[clause].duties.append(name)
            if getattr(rule, "manual", None):
                found[clause].manual = True
    return dict(found)


def _rules(pack: Any) -> Iterator[tuple[str, str, str]]:
    questions = pack.vocabulary.questions
    for name, layers in pack.rules.items():
        question = questions[name]
        kind = "算式" if question.kind == "formula" else "派单和判断"
        yield from ((clause, kind, question.asks) for clause in _clauses_below(layers))
    for name, rules in pack.check_rules.items():
        yield from ((clause, "检查", pack.question(name).asks) for clause in _clauses_below(rules))
    for kind, rules in (("升级", pack.ladders), ("窗口", pack.windows)):
        for name, rule in rules.items():
            yield from ((clause, kind, getattr(rule, "title", "") or name) for clause in rule.clauses)


def _numbers(pack: Any) -> Iterator[tuple[str, str, str]]:
    for figure in pack.figures.values():
        yield figure.clause, "数值", figure.title or figure.name
    for switch in pack.switches.values():
        yield from ((clause, "开关", switch.title) for clause in switch.clauses)
    for instrument in pack.instruments.values():
        yield from ((clause, "文书", instrument.name) for clause in instrument.clauses)
    for register in pack.registers.values():
        yield from ((clause, "登记簿", register.title) for clause in register.clauses)
    for patrol in pack.patrols.values():
        yield from ((clause, "巡查安排", patrol.title) for clause in patrol.clauses)
    for terms in pack.terms.values():
        for term in terms.values():
            yield from ((clause, "叫法", term.name) for clause in term.clauses)


def _clauses_below(thing: Any) -> set[str]:
    """Clauses of rules and of their rows, however deep."""
    if isinstance(thing, Mapping):
        return set().union(*(_clauses_below(one) for one in thing.values())) if thing else set()
    if isinstance(thing, Iterable) and not isinstance(thing, str):
        return set().union(*(_clauses_below(one) for one in thing), set())
    own = set(getattr(thing, "clauses", ()) or ())
    return own.union(*(_clauses_below(getattr(thing, name)) for name in ("rows",) if hasattr(thing, name)))
