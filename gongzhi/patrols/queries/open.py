"""What everybody may read of an estate: findings that were published, and the registers that the pack opens to all."""

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet

from gongzhi.core import services as core
from gongzhi.patrols.models import PatrolFinding, RegisterEntry
from gongzhi.patrols.queries.books import shown
from gongzhi.registry.models import Estate

SHOWN = 20


def published_findings(estate: Estate) -> QuerySet[PatrolFinding]:
    rows = PatrolFinding.objects.filter(estate=estate, published_on__isnull=False).select_related("responsible")
    return rows.order_by("-published_on", "-pk")[:SHOWN]


def public_lines(estate: Estate, on: date) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """(register, [(line, its other fields in words)]) of the registers open to everybody."""
    pack = core.pack_for(estate.place_path, on)
    found = []
    for register in pack.registers.values() if pack is not None else ():
        if not register.public:
            continue
        rows = RegisterEntry.objects.filter(register=register.code, estate=estate, ended_on=None).order_by("pk")
        lines = []
        for row in rows[:SHOWN]:
            words = [
                f"{one.title}：{shown(one, row.values.get(name))}"
                for name, one in register.fields.items()
                if row.values.get(name) not in (None, "", [])
            ]
            lines.append((row.title.removeprefix(estate.name).strip(), "　".join(words)))
        if lines:
            found.append((register.title, lines))
    return found
