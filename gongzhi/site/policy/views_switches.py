"""What a document leaves open, how each place has decided, and the form for those who may decide."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from gongzhi.core import packs
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.core.forms import RefusalForm
from gongzhi.core.models import PackAttachment, Place, SwitchValue
from gongzhi.site import places
from gongzhi.site.policy.views_clauses import pack_or_404
from gongzhi.site.policy.words import TOPICS

UNPROCESSABLE = 422
DECIDED, DEFAULT = "bendi", "moren"


@dataclass(frozen=True, slots=True)
class Row:
    """One switch at one place: the value that counts today, and the decision behind it if there is one."""

    switch: Any
    shown: str
    default: str
    decided: SwitchValue | None
    later: SwitchValue | None
    later_shown: str
    source: str


class SwitchForm(RefusalForm, forms.Form):
    name = forms.CharField(widget=forms.HiddenInput)
    from_on = forms.DateField(
        label="从哪天起用",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选从哪天起用", "invalid": "日期写成 2026-04-01 这样"},
    )
    reason = forms.CharField(
        label="依据和理由",
        help_text="哪次会议、哪份批复",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明依据和理由"},
    )

    def __init__(self, *args: Any, switch: Any, pack: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = _value_field(switch, pack)
        self.order_fields(["name", "value", "from_on", "reason"])

    def clean_value(self) -> str:
        """Of several choices one text, as a switch's value is kept."""
        value = self.cleaned_data["value"]
        return ",".join(value) if isinstance(value, list) else str(value)


def _value_field(switch: Any, pack: Any) -> forms.Field:
    required = {"required": "请选或者填一个值"}
    kind = switch.type.kind
    if kind == "bool":
        return forms.ChoiceField(
            label="怎样定", choices=[("yes", "是"), ("no", "否")], widget=forms.RadioSelect, error_messages=required
        )
    if kind == "enum":
        choices = [(code, switch.type.label(code)) for code in switch.type.choices]
        return forms.ChoiceField(label="怎样定", choices=choices, widget=forms.RadioSelect, error_messages=required)
    if kind == "role":
        choices = [("", "请选择"), *((code, pack.role_name(code)) for code in pack.roles)]
        return forms.ChoiceField(label="怎样定", choices=choices, error_messages=required)
    if kind == "list":
        return forms.MultipleChoiceField(
            label="怎样定（可以选多个）",
            choices=[(code, pack.role_name(code)) for code in pack.roles],
            widget=forms.CheckboxSelectMultiple,
            error_messages=required,
        )
    helps = {"period": "例如 15日、3个工作日、24小时、1个月", "ratio": "例如 30%"}
    return forms.CharField(label="怎样定", max_length=100, help_text=helps.get(kind, ""), error_messages=required)


@require_http_methods(["GET", "POST"])
def switches(request: HttpRequest, slug: str) -> HttpResponse:
    pack = pack_or_404(slug)
    today = timezone.localdate()
    actor = request.actor  # type: ignore[attr-defined]
    place = _place(request, pack, actor)
    chosen = pack.switches.get(request.POST.get("name") or request.GET.get("kaiguan", ""))
    may = place is not None and core.may(actor, "switch.set", place)
    form = None
    if chosen is not None and may:
        form = SwitchForm(request.POST or None, switch=chosen, pack=pack, initial=_initial(pack, chosen, place, today))
    if request.method == "POST" and (form is None or place is None or chosen is None):
        raise Refused("forbidden", "您不能改这个地方的开关。请领导小组办公室或者主管部门办理。", status=403)
    status = 200
    if request.method == "POST" and form is not None and place is not None and chosen is not None:
        if form.is_valid() and _set(request, form, place, chosen):
            messages.success(
                request, f"“{chosen.title}”已定，{form.cleaned_data['from_on']:%Y-%m-%d}起用。已算出的期限不变。"
            )
            return HttpResponseRedirect(f"{reverse('pack_switches', args=[slug])}?difang={place.code}", status=303)
        status = UNPROCESSABLE
    context = {
        "page_title": "文件未规定的，本地怎样定",
        "page_sub": pack.document.document or pack.title,
        "nav": "clauses",
        "pack": pack,
        "place": place,
        "place_name": places.county_title(place.path) if place is not None else "",
        "places": _places(pack),
        **_shown_rows(pack, switch_rows(pack, place, today), request.GET.get("shui", "")),
        "may": may,
        "form": form,
        "chosen": chosen if form is not None else None,
    }
    return render(request, "site/policy/switches.html", context, status=status)


def _shown_rows(pack: Any, rows: list[Row], whose: str) -> dict[str, Any]:
    """By subject; all of them, those that the place has decided, or those that go by the default."""
    decided = [row for row in rows if row.decided is not None or row.later is not None]
    left = [row for row in rows if row not in decided]
    chosen = {DECIDED: decided, DEFAULT: left}.get(whose, rows)
    return {
        "groups": _by_topic(pack, chosen),
        "whose": whose if whose in (DECIDED, DEFAULT) else "",
        "views": [("", "全部", len(rows)), (DECIDED, "本地已定", len(decided)), (DEFAULT, "按平台默认", len(left))],
    }


def _by_topic(pack: Any, rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """In the order in which subjects are listed everywhere; each switch under the subject of its first clause."""
    order = {topic: number for number, topic in enumerate(TOPICS)}
    found: dict[str, list[Row]] = {}
    for row in rows:
        clause = pack.clauses.get(row.switch.clauses[0]) if row.switch.clauses else None
        found.setdefault(clause.topic if clause is not None else "", []).append(row)
    topics = sorted(found, key=lambda one: order.get(one, len(order)))
    return [(TOPICS.get(topic, "其他"), found[topic]) for topic in topics]


def _initial(pack: Any, switch: Any, place: Place | None, today: date) -> dict[str, Any]:
    """The value that counts now, as the form writes it."""
    given = packs.switches_for(place.path, today, pack=pack) if place is not None else None
    value = pack.switch_value(switch.name, given)
    shown: Any = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    if isinstance(value, tuple):
        shown = list(value)
    if switch.type.kind == "period":
        shown = switch.shown(value)
    return {"name": switch.name, "from_on": today, "value": shown}


def _set(request: HttpRequest, form: SwitchForm, place: Place, switch: Any) -> bool:
    try:
        core.set_switch(
            place=place,
            pack=switch.pack,
            name=switch.name,
            value=form.cleaned_data["value"],
            from_on=form.cleaned_data["from_on"],
            actor=request.actor,  # type: ignore[attr-defined]
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
    except Refused as refused:
        form.add_refusal(refused)
        return False
    return True


def _places(pack: Any) -> list[Place]:
    ids = PackAttachment.objects.filter(pack=pack.slug).values_list("place_id", flat=True)
    codes = [pack.place] if pack.place else []
    return list(Place.objects.filter(pk__in=ids).union(Place.objects.filter(code__in=codes)).order_by("code"))


def _place(request: HttpRequest, pack: Any, actor: Any) -> Place | None:
    """The place asked for, else the actor's county, else the only place of the document."""
    wanted = request.POST.get("difang") or request.GET.get("difang", "")
    if wanted:
        return Place.objects.filter(code=wanted).first()
    return place_of_pack(pack, actor)


def place_of_pack(pack: Any, actor: Any) -> Place | None:
    """The actor's county among those where the document holds, else the only place of the document."""
    known = _places(pack)
    county = places.county_path(actor.place_path) if actor.place_path else ""
    own = [place for place in known if county and (place.path.startswith(county) or county.startswith(place.path))]
    found = own or known
    return found[0] if found else None


def switch_rows(pack: Any, place: Place | None, today: date) -> list[Row]:
    listed = sorted(pack.switches.values(), key=lambda switch: (switch.pack != pack.slug, switch.pack, switch.name))
    values = _values(pack, place)
    return [_row(pack, switch, values.get((switch.pack, switch.name), []), today) for switch in listed]


def _values(pack: Any, place: Place | None) -> dict[tuple[str, str], list[SwitchValue]]:
    found: dict[tuple[str, str], list[SwitchValue]] = {}
    if place is None:
        return found
    codes = [code for code in place.path.split("/") if code]
    known = SwitchValue.objects.filter(place__code__in=codes, pack__in=pack.chain).select_related("decided_by")
    for value in known.order_by("from_on", "pk"):
        found.setdefault((value.pack, value.name), []).append(value)
    return found


def _row(pack: Any, switch: Any, values: list[SwitchValue], today: date) -> Row:
    counting = [value for value in values if value.from_on <= today]
    coming = [value for value in values if value.from_on > today]
    decided = counting[-1] if counting else None
    given = {switch.name: decided.value} if decided is not None else None
    later = coming[0] if coming else None
    return Row(
        switch=switch,
        shown=_shown(pack, switch, pack.switch_value(switch.name, given)),
        default=_shown(pack, switch, switch.default),
        decided=decided,
        later=later,
        later_shown=_shown(pack, switch, pack.switch_value(switch.name, {switch.name: later.value})) if later else "",
        source=_source(switch, pack),
    )


def _shown(pack: Any, switch: Any, value: Any) -> str:
    """A body by the name that this place's document gives it; everything else as the switch's type writes it."""
    if switch.type.kind == "list":
        return "、".join(pack.role_name(one) for one in value) or "没有"
    return str(pack.role_name(value)) if switch.type.kind == "role" else str(switch.shown(value))


def _source(switch: Any, pack: Any) -> str:
    """The document above that leaves it open, if it is not this one."""
    if switch.pack == pack.slug:
        return ""
    above = packs.named_pack(switch.pack)
    return str(above.title) if above is not None else switch.pack
