"""Asking a document: any question of any pack, on any day, with everything the answer rests on."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from gongzhi.core import display, packs
from gongzhi.core.models import Place
from gongzhi.policy import BadFacts, check, decide
from gongzhi.policy.problems import PackFault
from gongzhi.site.policy.asking_form import FactsForm, unit_of
from gongzhi.site.policy.boundaries import scales, shown_value
from gongzhi.site.policy.views_clauses import pack_or_404
from gongzhi.site.policy.words import AREAS

UNPROCESSABLE = 422
ASKED = "da"
NEAR_SHOWN = 8
OUTCOMES = {"refuse": ("不能办", "gz-over"), "warn": ("要留意", "gz-today"), "note": ("提示", "gz-soon")}
DUTY_WORDS = {"open": "在办", "overdue": "已超期"}


@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """All questions that the chosen document, or one above it, answers."""
    known = packs.all_packs()
    chosen = request.GET.get("wenjian", "")
    pack = next((one for one in known if one.slug == chosen), None) or _usual(known, request.actor)  # type: ignore[attr-defined]
    context = {
        "page_title": "问规则",
        "nav": "ask",
        "packs": known,
        "pack": pack,
        "areas": _areas(pack) if pack is not None else [],
    }
    return render(request, "site/policy/questions.html", context)


def _usual(known: list[Any], actor: Any) -> Any:
    """The document where the actor works, or of the county that has all estates, else the first local one."""
    from gongzhi.site.places import home_path

    path = actor.place_path or home_path()
    found = packs.pack_for(path, timezone.localdate()) if path else None
    return found or next((pack for pack in known if pack.place), known[0] if known else None)


def _areas(pack: Any) -> list[dict[str, Any]]:
    grouped: dict[str, list[Any]] = {}
    for name in pack.questions_answered:
        grouped.setdefault(name.split(".")[0], []).append(pack.question(name))
    return [{"title": AREAS.get(area, area), "questions": found} for area, found in grouped.items()]


@require_GET
def ask(request: HttpRequest, slug: str, question: str) -> HttpResponse:
    pack = pack_or_404(slug)
    if question not in pack.vocabulary.questions:
        raise Http404
    asked = pack.question(question)
    today = timezone.localdate()
    answered = ASKED in request.GET
    form = FactsForm(request.GET if answered else None, pack=pack, question=asked, initial={"on": today})
    context: dict[str, Any] = {
        "page_title": asked.asks,
        "nav": "ask",
        "pack": pack,
        "packs": [one for one in packs.all_packs() if question in one.questions_answered],
        "question": asked,
        "form": form,
        "facts": [{"field": bound, "unit": unit_of(fact)} for fact, bound in form.facts],
        "near": _near(pack, question),
        "where": _where(pack),
    }
    status = 200
    if answered:
        if form.is_valid():
            context |= _answered(pack, asked, form, form.cleaned_data["on"])
        if form.errors:
            status = UNPROCESSABLE
    return render(request, "site/policy/ask.html", context, status=status)


def _near(pack: Any, question: str) -> list[Any]:
    area = question.split(".")[0]
    names = [name for name in pack.questions_answered if name != question and name.split(".")[0] == area]
    return [pack.question(name) for name in names[:NEAR_SHOWN]]


def _where(pack: Any) -> str:
    place = Place.objects.filter(code=pack.place).first() if pack.place else None
    return place.name if place is not None else "全国"


def switches_of(pack: Any, on: date) -> dict[str, str]:
    """What the place of the document has decided, if the platform knows the place."""
    place = Place.objects.filter(code=pack.place).first() if pack.place else None
    return packs.switches_for(place.path, on, pack=pack) if place is not None else {}


def _answered(pack: Any, asked: Any, form: FactsForm, on: date) -> dict[str, Any]:
    switches = switches_of(pack, on)
    known = [fact for fact in asked.facts if fact.name in form.given]
    shown = [f"{fact.title}：{_shown(pack, fact, form.given[fact.name])}" for fact in known]
    try:
        if asked.kind == "check":
            found = check(pack, asked.name, form.given, on=on, switches=switches)
            rows = [
                {"finding": one, "words": OUTCOMES[one.outcome][0], "css": OUTCOMES[one.outcome][1]} for one in found
            ]
            return {"findings": rows, "checked": True, "given": shown, "on": on}
        answer = decide(pack, asked.name, form.given, on=on, switches=switches)
        # Reading the reasons runs the rules: a fault of theirs shows here and not in the template.
        return {
            "answer": answer,
            "headline": _headline(pack, asked, answer),
            "fields": _fields(pack, asked, answer),
            "needs": answer.explanation.needs_titles or answer.needs,
            "scales": scales(pack, asked.name, form.given, on=on, switches=switches) if answer.ok else [],
            "given": shown,
            "on": on,
            "short_hash": display.short_hash(answer.hash),
        }
    except (BadFacts, PackFault) as fault:
        form.add_error(None, str(fault))
        return {}


def _headline(pack: Any, asked: Any, answer: Any) -> str:
    """One sentence: the first field of a record, or the value as people read it."""
    fields = _fields(pack, asked, answer)
    return f"{fields[0][0]}：{fields[0][1]}" if fields else str(answer.shown)


def _fields(pack: Any, asked: Any, answer: Any) -> list[tuple[str, str]]:
    """The answer's record in words, one row a field."""
    named = getattr(asked.answer, "by_name", None)
    if not answer.ok or named is None or not isinstance(answer.value, dict):
        return []
    found = []
    for name, value in answer.value.items():
        if name in named and value not in (None, [], ""):
            found.append((named[name].title or name, shown_of(pack, named[name].type, value)))
    return found


def shown_of(pack: Any, kind: Any, value: Any) -> str:
    """A value of an answer in Chinese."""
    if isinstance(value, list | tuple):
        return "、".join(shown_of(pack, kind.item or kind, one) for one in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if kind.kind == "role":
        return str(pack.role_name(value))
    if kind.kind == "matter":
        return str(pack.matter_name(value))
    if kind.kind == "enum":
        return str(kind.label(value))
    return str(getattr(value, "text", value))


def _shown(pack: Any, fact: Any, value: Any) -> str:
    if fact.type.numeric:
        return shown_value(fact, value)
    return shown_of(pack, fact.type, value)
