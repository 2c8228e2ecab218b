"""What the clocks ask of a pack: whether a condition holds for the data of an event, and the value of a source."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from gongzhi.policy.clock_rules import Resolved, Verdict
from gongzhi.policy.conditions import SOURCES, Atom, When, atom_holds
from gongzhi.policy.explaining import figure_entry, switch_entry, switch_line
from gongzhi.policy.facts import BadFacts
from gongzhi.policy.plans import NoValue, Switches
from gongzhi.policy.problems import PackFault
from gongzhi.policy.schema_base import Source
from gongzhi.policy.values import typed

if TYPE_CHECKING:
    from gongzhi.policy.pack import Pack


class _EventScope:
    """The data of an event, read by the declared types; JSON holds dates and periods as text."""

    def __init__(self, pack: "Pack", when: When, data: Mapping[str, Any], on: date, switches: Switches) -> None:
        self.pack = pack
        self.data = data
        self.on = on
        self.switches = switches
        self.types = {atom.key: atom.type for atom in when}

    def field(self, name: str) -> Any:
        value = self.data.get(name)
        kind = self.types.get(name)
        if value is None or kind is None:
            return value
        try:
            return typed(value, kind, self.pack.words, open_choices=True)
        except PackFault:
            return value

    def figure(self, name: str) -> Any:
        figure = self.pack.figures[name]
        keys = [self.data.get(one) for one in figure.by]
        return None if any(one is None for one in keys) else figure.look_up(self.on, keys)

    def switch(self, name: str) -> Any:
        return self.pack.switch_value(name, self.switches)


def holds(pack: "Pack", condition: Any, data: Mapping[str, Any], *, on: date, switches: Switches) -> Verdict:
    when: When = condition if isinstance(condition, tuple) else ()
    if condition and not isinstance(condition, tuple):
        raise BadFacts("条件没有经过规则包检查")
    scope = _EventScope(pack, when, data, on, switches)
    open_atoms: list[Atom] = []
    for atom in when:
        verdict = atom_holds(atom, scope)
        if verdict is False:
            return Verdict(False)
        if verdict is None:
            open_atoms.append(atom)
    return Verdict(None, tuple(one.key for one in open_atoms)) if open_atoms else Verdict(True)


def resolve(pack: "Pack", spec: Any, data: Mapping[str, Any], *, on: date, switches: Switches) -> Resolved:
    """Raises BadFacts when a switch's value does not fit its type."""
    kind, name = _source(spec)
    if kind == "figure":
        return _figure(pack, name, data, on)
    if kind == "switch":
        return _switch(pack, name, switches)
    if kind == "field":
        value = data.get(name)
        return Resolved(value, needs=(name,) if value is None else ())
    return Resolved(spec)


def _source(spec: Any) -> tuple[str, str]:
    if isinstance(spec, Source):
        return spec.kind, spec.name
    if isinstance(spec, Mapping) and len(spec) == 1:
        kind, name = next(iter(spec.items()))
        if kind in SOURCES:
            return kind, str(name)
    return "", ""


def _figure(pack: "Pack", name: str, data: Mapping[str, Any], on: date) -> Resolved:
    figure = pack.figures[name]
    lacking = tuple(one for one in figure.by if data.get(one) is None)
    if lacking:
        return Resolved(needs=lacking)
    keys = [data[one] for one in figure.by]
    value = figure.look_up(on, keys)
    if value is None:
        raise NoValue(f"“{figure.title}”在 {on.isoformat()} 没有规定数值")
    entry = figure_entry(pack, name, tuple(str(one) for one in keys), value=value, on=on)
    return Resolved(value, clauses=(figure.clause,), figures=(entry,))


def _switch(pack: "Pack", name: str, switches: Switches) -> Resolved:
    switch = pack.switches[name]
    try:
        value = pack.switch_value(name, switches)
    except PackFault as fault:
        raise BadFacts(f"配置“{switch.title}”（{name}）：{fault.message}", name) from None
    entry = switch_entry(pack, name, value, switches=switches)
    lines = (switch_line(pack, switch, value),) if entry["default"] else ()
    return Resolved(value, clauses=switch.clauses, switches=(entry,), defaults=lines)
