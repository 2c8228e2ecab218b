"""What a question gets: the value and everything it rests on.

The reasons are built when somebody reads them: deciding is asked for many rows, explaining for one. For the same
reason a new answer holds only what was handed to it; the rest of its slots are filled on first use.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gongzhi.policy.periods import Period

if TYPE_CHECKING:
    from gongzhi.policy.plans import Plan

NEEDS, SILENT, GIVEN = "needs", "silent", "given"


@dataclass(frozen=True)
class Cite:
    """A clause as people cite it: the document and the place in it."""

    id: str
    where: str
    document: str


@dataclass(frozen=True)
class Explanation:
    """Everything an answer rests on. `steps` and `defaults` are Chinese lines; `shown` the value as people read it.

    `says`: what the rows that fit say of themselves, of the last fresh answer only; a stored one has it as steps.
    """

    shown: str = ""
    clauses: tuple[str, ...] = ()
    cites: tuple[Cite, ...] = ()
    figures: tuple[dict[str, Any], ...] = ()
    switches: tuple[dict[str, Any], ...] = ()
    steps: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    needs_titles: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What the compiled rules said: a value, facts that are needed, or silence."""

    state: str
    value: Any = None
    needs: tuple[str, ...] = ()
    detail: Any = field(default=None, compare=False)


class Answer:
    """`ok` when there is a value. Without one either `needs` names the missing facts or `silent` is true."""

    _stored: dict[str, Any]
    __slots__ = ("_explanation", "_facts", "_hit", "_outcome", "_plan", "_stored", "_switches")

    def __init__(self, plan: "Plan", facts: Mapping[str, Any], switches: Mapping[str, Any] | None, hit: Any) -> None:
        self._plan = plan
        self._facts = facts
        self._switches = switches
        self._hit = hit

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Answer":
        """An answer as it was stored; it keeps its reasons even when the pack has changed since."""
        answer = cls.__new__(cls)
        answer._stored = dict(data)
        answer._outcome = Outcome(data["state"], _read(data["value"], data["type"]), tuple(data["needs"]))
        answer._explanation = Explanation(
            shown=data["shown"],
            clauses=tuple(data["clauses"]),
            cites=tuple(Cite(**one) for one in data["cites"]),
            figures=tuple(data["figures"]),
            switches=tuple(data["switches"]),
            steps=tuple(data["steps"]),
            defaults=tuple(data["defaults"]),
            needs_titles=tuple(data["needs_titles"]),
        )
        return answer

    @property
    def outcome(self) -> Outcome:
        try:
            return self._outcome
        except AttributeError:
            self._outcome: Outcome = self._plan.outcome(self._facts, self._switches, self._hit)
            return self._outcome

    @property
    def explanation(self) -> Explanation:
        try:
            return self._explanation
        except AttributeError:
            self._explanation: Explanation = self._plan.explain(self._facts, self._switches, self._hit)
            return self._explanation

    @property
    def stored(self) -> dict[str, Any] | None:
        """What `from_json` was given; None for an answer that was decided here."""
        return getattr(self, "_stored", None)

    @property
    def value(self) -> Any:
        """A scalar, a list, or a dict for a record; None without an answer."""
        return self.outcome.value

    @property
    def needs(self) -> tuple[str, ...]:
        return self.outcome.needs

    @property
    def ok(self) -> bool:
        return self.outcome.state == GIVEN

    @property
    def silent(self) -> bool:
        """No document of the chain answers, and the platform has no default."""
        return self.outcome.state == SILENT

    @property
    def clauses(self) -> tuple[str, ...]:
        return self.explanation.clauses

    @property
    def cites(self) -> tuple[Cite, ...]:
        return self.explanation.cites

    @property
    def figures(self) -> tuple[dict[str, Any], ...]:
        return self.explanation.figures

    @property
    def switches(self) -> tuple[dict[str, Any], ...]:
        return self.explanation.switches

    @property
    def steps(self) -> tuple[str, ...]:
        return self.explanation.steps

    @property
    def defaults(self) -> tuple[str, ...]:
        return self.explanation.defaults

    @property
    def shown(self) -> str:
        """The value as people read it."""
        return self.explanation.shown

    @property
    def pack(self) -> str:
        return self.stored["pack"] if self.stored else self._plan.pack.slug

    @property
    def hash(self) -> str:
        return self.stored["hash"] if self.stored else self._plan.pack.hash

    @property
    def on(self) -> date:
        return date.fromisoformat(self.stored["on"]) if self.stored else self._plan.on

    @property
    def question(self) -> str:
        return self.stored["question"] if self.stored else self._plan.question.name

    @property
    def asks(self) -> str:
        return self.stored["asks"] if self.stored else self._plan.question.asks

    def to_json(self) -> dict[str, Any]:
        if self.stored is not None:
            return dict(self.stored)
        why = self.explanation
        return {
            "question": self.question,
            "asks": self.asks,
            "state": self.outcome.state,
            "value": plain(self.value),
            "type": _kinds(self.value),
            "shown": why.shown,
            "needs": list(self.needs),
            "needs_titles": list(why.needs_titles),
            "clauses": list(why.clauses),
            "cites": [asdict(one) for one in why.cites],
            "figures": list(why.figures),
            "switches": list(why.switches),
            "steps": list(why.steps),
            "defaults": list(why.defaults),
            "pack": self.pack,
            "hash": self.hash,
            "on": self.on.isoformat(),
        }

    def text(self) -> str:
        """The answer with its reasons, in Chinese, one line a thing."""
        why = self.explanation
        lines = [f"问：{self.asks}", f"答：{why.shown}"]
        lines += [f"依据：{one.document} {one.where}（{one.id}）" for one in why.cites]
        lines += [f"参数：{one['title']} = {one['shown']}（{one['clause']}）" for one in why.figures]
        lines += [
            f"配置：{one['title']} = {one['shown']}{'（平台默认）' if one['default'] else ''}" for one in why.switches
        ]
        lines += [f"步骤：{one}" for one in why.steps]
        lines += [f"说明：{one}" for one in why.defaults]
        lines.append(f"规则包：{self.pack}（{self.hash}），按 {self.on.isoformat()} 的规定")
        return "\n".join(lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.question, self.hash, self.on))

    def __repr__(self) -> str:
        return f"<Answer {self.question}: {self.outcome.state} {self.value!r}>"


def plain(value: Any) -> Any:
    """JSON-safe: exact numbers, periods and dates as text, whole numbers as numbers."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | Fraction | Period):
        return str(value)
    return value


_READERS: dict[str, Any] = {
    "decimal": Decimal,
    "fraction": Fraction,
    "period": Period.parse,
    "date": date.fromisoformat,
    "moment": datetime.fromisoformat,
}


def _kinds(value: Any) -> Any:
    """The kind of each value that JSON cannot hold, in the shape of the value."""
    if isinstance(value, Mapping):
        return {name: _kinds(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_kinds(one) for one in value]
    for name, kind in (
        ("moment", datetime),
        ("date", date),
        ("decimal", Decimal),
        ("fraction", Fraction),
        ("period", Period),
    ):
        if isinstance(value, kind):
            return name
    return None


def _read(value: Any, kind: Any) -> Any:
    if isinstance(kind, Mapping):
        return {name: _read(one, kind[name]) for name, one in value.items()}
    if isinstance(kind, list):
        return [_read(one, its) for one, its in zip(value, kind, strict=True)]
    return _READERS[kind](value) if kind else value
