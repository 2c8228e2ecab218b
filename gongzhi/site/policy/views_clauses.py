"""The documents and their clauses: what each asks, how strongly, and what on the platform carries it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from gongzhi.core import display, packs
from gongzhi.core.models import PackAttachment, Place
from gongzhi.duties.models import Duty
from gongzhi.site import places
from gongzhi.site.policy.carriers import STATES, Carriers, carriers
from gongzhi.site.policy.words import KINDS, STATUSES, TOPICS

COUNT_SECONDS = 60
LIVE_STATES = ("open", "overdue")
NARROW = 2
SWITCHES_SHOWN = 6
FULL = 100


@dataclass(frozen=True, slots=True)
class Row:
    clause: Any
    carriers: Carriers
    running: int
    late: int

    @property
    def state(self) -> str:
        return self.carriers.state

    @property
    def state_words(self) -> str:
        return STATES[self.state][0]

    @property
    def state_css(self) -> str:
        return STATES[self.state][1]


@require_GET
def documents(request: HttpRequest) -> HttpResponse:
    """Every document with its place and status; a search of all clauses when something is asked for."""
    wanted = request.GET.get("q", "").strip()
    rows = [_document_row(pack) for pack in packs.all_packs()]
    found = [clause for pack in packs.all_packs() for clause in own_clauses(pack) if wanted and matches(clause, wanted)]
    context = {
        "page_title": "查条款",
        "nav": "clauses",
        "rows": rows,
        "wanted": wanted,
        "found": [display.clause_reference(clause.id) for clause in found[:FULL]],
        "found_count": len(found),
    }
    return render(request, "site/policy/documents.html", context)


def _document_row(pack: Any) -> dict[str, Any]:
    place = Place.objects.filter(code=pack.place).first() if pack.place else None
    return {
        "pack": pack,
        "place": places.county_title(place.path) or place.name if place is not None else "全国",
        "status": STATUSES[pack.status][0],
        "status_css": STATUSES[pack.status][1],
        "clauses": len(own_clauses(pack)),
        "switches": sum(1 for switch in pack.switches.values() if switch.pack == pack.slug),
        "questions": len(pack.questions_answered),
    }


def pack_or_404(slug: str) -> Any:
    pack = packs.named_pack(slug)
    if pack is None:
        raise Http404
    return pack


def own_clauses(pack: Any) -> list[Any]:
    return [clause for clause in pack.clauses.values() if clause.pack == pack.slug]


def matches(clause: Any, wanted: str) -> bool:
    text = f"{clause.id} {clause.where} {clause.says} {clause.accept}".lower()
    return all(word in text for word in wanted.lower().split())


@require_GET
def clauses(request: HttpRequest, slug: str) -> HttpResponse:
    pack = pack_or_404(slug)
    today = timezone.localdate()
    rows = clause_rows(pack)
    chosen = {name: request.GET.get(name, "").strip() for name in ("k", "t", "l", "s", "z")}
    context = {
        "page_title": "条款落实",
        "page_sub": pack.document.document or pack.title,
        "nav": "clauses",
        "pack": pack,
        "short_hash": display.short_hash(pack.hash),
        "status": STATUSES[pack.status],
        "rows": [row for row in rows if _chosen(row, chosen)],
        "total": len(rows),
        "states": _state_counts(rows),
        "chosen": chosen,
        "topics": _choices((row.clause.topic for row in rows), TOPICS),
        "kinds": _choices((row.clause.kind for row in rows), KINDS),
        "strengths": [(code, words[0]) for code, words in display.STRENGTHS.items()],
        "by_topic": _by_topic(rows),
        "open_points": sum(1 for row in rows if row.clause.open),
        "switches": [switch for switch in pack.switches.values() if switch.pack == slug][:SWITCHES_SHOWN],
        "attached": _attached(pack, today),
    }
    return render(request, "site/policy/clauses.html", context)


def clause_rows(pack: Any) -> list[Row]:
    carried = carriers(pack)
    live = live_by_rule(pack)
    rows = []
    for clause in own_clauses(pack):
        its = carried.get(clause.id) or Carriers()
        counts = [live.get(name, Counter()) for name in its.duties]
        late = sum(count["overdue"] for count in counts)
        rows.append(Row(clause, its, sum(count["open"] for count in counts) + late, late))
    return rows


def live_by_rule(pack: Any) -> dict[str, Counter[str]]:
    """Open and overdue duties by rule, kept for a minute: the page is read by many."""
    key = f"clause-duties:{pack.slug}"
    kept: dict[str, Counter[str]] | None = cache.get(key)
    if kept is None:
        kept = {}
        counted = Duty.objects.filter(pack=pack.slug, state__in=LIVE_STATES).values("rule", "state")
        for row in counted.annotate(number=Count("id")).order_by():
            kept.setdefault(row["rule"], Counter())[row["state"]] += row["number"]
        cache.set(key, kept, COUNT_SECONDS)
    return kept


def _chosen(row: Row, chosen: dict[str, str]) -> bool:
    clause = row.clause
    wanted = {"t": clause.topic, "l": clause.kind, "s": clause.strength, "z": row.state}
    if any(chosen[name] and chosen[name] != value for name, value in wanted.items()):
        return False
    return not chosen["k"] or matches(clause, chosen["k"])


def _state_counts(rows: list[Row]) -> list[dict[str, Any]]:
    counts = Counter(row.state for row in rows)
    return [
        {"code": code, "title": title, "css": css, "count": counts[code], "share": _share(counts[code], len(rows))}
        for code, (title, css) in STATES.items()
    ]


def _share(part: int, whole: int) -> str:
    """A share in percent with one digit, cut and not rounded up: 100% is all of it."""
    if not whole:
        return ""
    tenths = part * FULL * 10 // whole
    return f"{tenths // 10}.{tenths % 10}%"


def _choices(codes: Iterable[str], names: dict[str, str]) -> list[tuple[str, str]]:
    return [(code, names.get(code, code)) for code, _ in Counter(code for code in codes if code).most_common()]


def _by_topic(rows: list[Row]) -> list[dict[str, Any]]:
    """Cumulated shares for the bars, the topics with most clauses first."""
    by_topic: dict[str, Counter[str]] = {}
    for row in rows:
        by_topic.setdefault(row.clause.topic, Counter())[row.state] += 1
    found = []
    for topic, counts in sorted(by_topic.items(), key=lambda item: -item[1].total()):
        total = counts.total()
        rules, manual, numbers = counts["rules"], counts["manual"], counts["numbers"]
        found.append(
            {
                "title": TOPICS.get(topic, topic),
                "total": total,
                "rules": rules,
                "manual": manual,
                "numbers": numbers,
                "none": counts["none"],
                "rules_share": _share(rules, total),
                "manual_share": _share(rules + manual, total),
                "numbers_share": _share(rules + manual + numbers, total),
            }
        )
    return found


def _attached(pack: Any, today: Any) -> list[PackAttachment]:
    return list(PackAttachment.objects.filter(pack=pack.slug).select_related("place").order_by("place__code"))
