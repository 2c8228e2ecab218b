"""What every act on charges has in common: the row that its address names, who acts, its form, its command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.pages import FormPage, actor_of, bound, now_of, today_of
from gongzhi.core.refs import Ref
from gongzhi.funds.charges.models import (
    ArrearsHandover,
    ArrearsHelp,
    ArrearsOpinion,
    ArrearsRecourse,
    Bill,
    BillingRun,
    GuidePrice,
    PersonalCharge,
    PriceChange,
    PriceFinding,
    Settlement,
    Tariff,
    Tenancy,
)
from gongzhi.funds.charges.queries.accounts import may_read, may_read_unit, may_read_units
from gongzhi.funds.charges.queries.arrears import Debtor, debtor
from gongzhi.funds.charges.queries.owed import OfProject, OfUnit
from gongzhi.funds.views.common import NAV, kept
from gongzhi.registry.models import Ownership, Project, Unit
from gongzhi.registry.queries.history import ownership_on
from gongzhi.registry.queries.reading import estates_for

Data = Mapping[str, Any]


@dataclass(frozen=True)
class UnitOf:
    """A unit as one company bills it; its key in addresses names both."""

    project: Project
    unit: Unit

    @property
    def key(self) -> str:
        return f"{self.project.pk}-{self.unit.pk}"

    @property
    def ref(self) -> Ref:
        return self.unit.ref

    def title_on(self, on: date) -> Ownership | None:
        return ownership_on(self.unit, on)

    def debtor_on(self, on: date) -> Debtor | None:
        """Those who own it now; else the earlier owners who still owe."""
        owners = [self.title_on(on)]
        owners += [one for one in self.unit.ownerships.order_by("-from_on", "-pk") if one not in owners]
        found = (debtor(self.project, self.unit, one, on=on) for one in (*owners, None))
        return next((one for one in found if one is not None), None)

    def __str__(self) -> str:
        return f"{self.project.estate}{self.unit}"


@dataclass(frozen=True)
class PlaceOf:
    """The place of the actor's own office: what is made for a whole county."""

    place: Any

    @property
    def ref(self) -> Ref:
        found: Ref = self.place.ref
        return found

    def __str__(self) -> str:
        return str(self.place)


@dataclass(frozen=True)
class Who:
    """Who acts, when, and over which request files come."""

    request: HttpRequest
    actor: Actor
    now: datetime
    on: date

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": self.now}

    def kept(self, uploaded: Any, owner: Ref) -> Any:
        return kept(self.request, uploaded, owner)

    @property
    def base(self) -> str:
        return self.request.build_absolute_uri("/")


def who_of(request: HttpRequest) -> Who:
    return Who(request, actor_of(request), now_of(request), today_of(request))


def _nothing(*_: Any) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True)
class Act:
    """`right` decides whether the act is offered; the command asks again. `open`: whether the row is in the state."""

    title: str
    done: str
    form: type[Any]
    right: str
    run: Callable[[Any, Data, Who], Any]
    open: Callable[[Any, Who], bool] = lambda row, who: True
    setup: Callable[[Any, Any, Who], None] | None = None
    initial: Callable[[Any, Who], Mapping[str, Any]] | None = None
    build: Callable[[Any, Who], Mapping[str, Any]] | None = None
    hint: str | Callable[[Any, Who], str] = ""
    clauses: Callable[[Any, Who], Sequence[str]] = _nothing
    button: str = ""
    to_made: bool = False
    judged: Callable[[Any], Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def project_seen(request: HttpRequest, pk: int) -> Project:
    """404 where the actor may not see the project's charges."""
    row: Project | None = Project.objects.select_related("estate", "company").filter(pk=pk).first()
    if row is None or not may_read(actor_of(request), row):
        raise Http404
    return row


def unit_seen(request: HttpRequest, key: str) -> UnitOf:
    project_pk, _, unit_pk = key.partition("-")
    if not (project_pk.isdigit() and unit_pk.isdigit()):
        raise Http404
    project: Project | None = Project.objects.select_related("estate", "company").filter(pk=int(project_pk)).first()
    unit: Unit | None = Unit.objects.select_related("building__estate").filter(pk=int(unit_pk)).first()
    if project is None or unit is None or unit.building.estate_id != project.estate_id:
        raise Http404
    if not may_read_unit(actor_of(request), project, unit):
        raise Http404
    return UnitOf(project, unit)


def _row(model: Any, way: str, *more: str) -> Callable[[HttpRequest, str], Any]:
    """A row that lies within a project; `way` leads to it."""
    related = f"{way.replace('.', '__')}__estate"

    def load(request: HttpRequest, key: str) -> Any:
        rows = model.objects.select_related(related, f"{way.replace('.', '__')}__company", *more)
        row = rows.filter(pk=int(key)).first() if key.isdigit() else None
        if row is None or not may_read(actor_of(request), project_of(row)):
            raise Http404
        return row

    return load


def _row_of_unit(model: Any) -> Callable[[HttpRequest, str], Any]:
    def load(request: HttpRequest, key: str) -> Any:
        rows = model.objects.select_related("project__estate", "project__company", "unit__building__estate")
        row = rows.filter(pk=int(key)).first() if key.isdigit() else None
        if row is None or not may_read_unit(actor_of(request), row.project, row.unit):
            raise Http404
        return row

    return load


def _handover(request: HttpRequest, key: str) -> ArrearsHandover:
    """Both companies read it: the one that leaves and the one that takes over."""
    rows = ArrearsHandover.objects.select_related(
        "from_project__estate", "from_project__company", "to_project__estate", "to_project__company"
    )
    row: ArrearsHandover | None = rows.filter(pk=int(key)).first() if key.isdigit() else None
    actor = actor_of(request)
    sides = [] if row is None else [one for one in (row.from_project, row.to_project) if one is not None]
    if row is None or not any(may_read(actor, one) for one in sides):
        raise Http404
    return row


def _help(request: HttpRequest, key: str) -> ArrearsHelp:
    """Whoever was asked to help sees this one row, and nobody else's account."""
    rows = ArrearsHelp.objects.select_related("project__estate", "project__company", "unit__building__estate")
    row: ArrearsHelp | None = rows.filter(pk=int(key)).first() if key.isdigit() else None
    actor = actor_of(request)
    asked = row is not None and actor.role == row.role and core.may(actor, "fee.help", row)
    if row is None or not (asked or may_read_units(actor, row.project)):
        raise Http404
    return row


def _guide(request: HttpRequest, key: str) -> GuidePrice:
    row: GuidePrice | None = GuidePrice.objects.filter(pk=int(key)).first() if key.isdigit() else None
    if row is None or not core.may(actor_of(request), "price.sign", row):
        raise Http404
    return row


def _finding(request: HttpRequest, key: str) -> PriceFinding:
    rows = PriceFinding.objects.select_related("project__estate", "project__company", "inspection")
    row: PriceFinding | None = rows.filter(pk=int(key)).first() if key.isdigit() else None
    if row is None or not core.may(actor_of(request), "price.inspect", row):
        raise Http404
    return row


def _personal(request: HttpRequest, key: str) -> PersonalCharge:
    rows = PersonalCharge.objects.select_related("unit__building__estate", "tariff__project__estate")
    row: PersonalCharge | None = rows.filter(pk=int(key)).first() if key.isdigit() else None
    if row is None or not may_read_unit(actor_of(request), project_of(row), row.unit):
        raise Http404
    return row


def _tenancy(request: HttpRequest, key: str) -> Tenancy:
    rows = Tenancy.objects.select_related("unit__building__estate", "tenant")
    row: Tenancy | None = rows.filter(pk=int(key)).first() if key.isdigit() else None
    if row is None or not may_read_unit(actor_of(request), project_of(row), row.unit):
        raise Http404
    return row


def _place(request: HttpRequest, key: str) -> PlaceOf:
    """Only the place of one's own office."""
    place = core.place_at(actor_of(request).place_path) if actor_of(request).place_path else None
    if place is None or place.code != key:
        raise Http404
    return PlaceOf(place)


# kind -> how the row that the address names is found.
KINDS: dict[str, Callable[[HttpRequest, str], Any]] = {
    "project": lambda request, key: project_seen(request, int(key) if key.isdigit() else 0),
    "unit": unit_seen,
    "tariff": _row(Tariff, "project", "guide", "motion__vote", "building"),
    "price_change": _row(PriceChange, "tariff.project", "motion__vote", "report"),
    "billing_run": _row(BillingRun, "project"),
    "arrears_handover": _handover,
    "bill": _row_of_unit(Bill),
    "settlement": _row_of_unit(Settlement),
    "arrears_opinion": _row_of_unit(ArrearsOpinion),
    "arrears_recourse": _row_of_unit(ArrearsRecourse),
    "arrears_help": _help,
    "personal_charge": _personal,
    "tenancy": _tenancy,
    "guide_price": _guide,
    "price_finding": _finding,
    "place": _place,
}


def row_of(request: HttpRequest, kind: str, key: str) -> Any:
    """404 for what is not there, or is not for this actor to see."""
    if kind not in KINDS:
        raise Http404
    return KINDS[kind](request, key)


def project_of(row: Any) -> Project:
    if isinstance(row, Project):
        return row
    if isinstance(row, PriceChange):
        return row.tariff.project
    if isinstance(row, ArrearsHandover):
        return row.from_project
    if isinstance(row, PersonalCharge) and row.tariff is not None:
        return row.tariff.project
    if isinstance(row, PersonalCharge | Tenancy):
        return _serving(row.unit)
    found: Project = row.project
    return found


def _serving(unit: Unit) -> Project:
    rows = Project.objects.select_related("estate", "company").filter(estate=unit.building.estate)
    found = rows.order_by("-from_on").first()
    if found is None:
        raise Http404
    return found


def judged_on(act: Act, row: Any) -> Any:
    """What the right is asked over."""
    if act.judged is not None:
        return act.judged(row)
    if isinstance(row, UnitOf):
        return OfUnit(row.unit, row.project)
    if isinstance(row, GuidePrice | PriceFinding):
        return row
    if isinstance(row, PlaceOf):
        return row.place
    return OfProject(project_of(row))


def home_of(row: Any) -> str:
    """The page that an act leads back to."""
    if isinstance(row, Tariff | PriceChange | BillingRun | Bill):
        names = {Tariff: "tariff", PriceChange: "price_change", BillingRun: "billing_run", Bill: "bill"}
        return reverse(f"funds:{names[type(row)]}", args=[row.pk])
    if isinstance(row, UnitOf):
        return reverse("funds:charges_unit", args=[row.project.pk, row.unit.pk])
    if isinstance(row, ArrearsHandover):
        return reverse("funds:handover", args=[row.pk])
    if isinstance(row, GuidePrice):
        return reverse("funds:guide_prices")
    if isinstance(row, PriceFinding | PlaceOf):
        return reverse("funds:price_checks")
    if isinstance(row, ArrearsHelp):
        return reverse("funds:helps")
    if isinstance(row, Project):
        return reverse("funds:charges_project", args=[row.pk])
    return reverse("funds:charges_unit", args=[project_of(row).pk, row.unit_id])


def crumbs_of(row: Any) -> list[tuple[str, str]]:
    if isinstance(row, GuidePrice | PlaceOf):
        return [("物业收费", reverse("funds:charges"))]
    project = project_of(row)
    return way(project)


def way(project: Project, *more: tuple[str, str]) -> list[tuple[str, str]]:
    own = (project.estate.name, reverse("funds:charges_project", args=[project.pk]))
    return [("物业收费", reverse("funds:charges")), own, *more]


def own_way() -> list[tuple[str, str]]:
    return [("小区资金", reverse("funds:mine")), ("我的物业费", reverse("funds:own_account"))]


def address_of(kind: str, row: Any, code: str) -> str:
    key = getattr(row, "key", None) if isinstance(row, UnitOf) else None
    key = key or (row.place.code if isinstance(row, PlaceOf) else str(row.pk))
    return reverse("funds:charges_act", args=[kind, key, code])


def offered(acts: Mapping[str, Mapping[str, Act]], kind: str, row: Any, who: Who) -> list[tuple[str, str, str]]:
    """(code, title, address) of what the actor may do with the row now."""
    return [
        (code, act.title, address_of(kind, row, code))
        for code, act in acts.get(kind, {}).items()
        if core.may(who.actor, act.right, judged_on(act, row)) and act.open(row, who)
    ]


def ref_of(row: Any) -> Ref:
    """A project has none of its own: what happens to its charges happens at its estate."""
    found: Ref = row.estate.ref if isinstance(row, Project) else row.ref
    return found


def act_page(request: HttpRequest, act: Act, row: Any) -> FormPage:
    who = who_of(request)
    core.require(who.actor, act.right, judged_on(act, row))
    given: dict[str, Any] = dict(act.build(row, who)) if act.build is not None else {}
    initial = dict(act.initial(row, who)) if act.initial is not None else {}
    form = bound(request, act.form, version=getattr(row, "version", None), initial=initial, **given)
    if act.setup is not None:
        act.setup(form, row, who)

    def run(data: Data) -> Ref:
        made = act.run(row, data, who)
        return made if isinstance(made, Ref) else ref_of(made if made is not None else row)

    return FormPage(
        title=act.title,
        form=form,
        run=run,
        done=act.done,
        back=_back(request, row),
        crumbs=_crumbs(request, row),
        sub=_words(row),
        hint=act.hint(row, who) if callable(act.hint) else act.hint,
        button=act.button,
        clauses=tuple(act.clauses(row, who)),
        nav=NAV,
        extra=act.extra,
        after=_to_made if act.to_made else "",
    )


def _back(request: HttpRequest, row: Any) -> str:
    """An owner comes from his own page and goes back to it."""
    if actor_of(request).role == "owner" and not isinstance(row, PlaceOf | GuidePrice):
        return reverse("funds:own_account")
    return home_of(row)


def _crumbs(request: HttpRequest, row: Any) -> list[tuple[str, str]]:
    """An owner's way is his own: the pages of the project are the company's and the officials'."""
    return own_way() if _back(request, row) == reverse("funds:own_account") else crumbs_of(row)


def _words(row: Any) -> str:
    if isinstance(row, Settlement):
        return f"{row.unit} {row.get_channel_display()} {core.yuan(row.amount_fen)}元"
    return str(row.unit if isinstance(row, PersonalCharge | Tenancy) else row)


def _to_made(ref: Ref) -> str:
    return refs.url_of(ref) or ""


def seen_estates(actor: Actor) -> Any:
    return estates_for(actor).filter(ended_on=None)
