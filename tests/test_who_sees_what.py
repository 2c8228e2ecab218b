"""Whoever is no party to a case finds nothing of it: every address of the platform, tried by every role.

The addresses come from the urlconf; what they take is filled from all rows that stand in the database, so that a page
that is added later is tried without a word here.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import chain, product
from typing import Any

import pytest
from django.contrib.auth.backends import ModelBackend
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter

from gongzhi.cases import services
from gongzhi.cases.models import Case
from gongzhi.cases.rights import OVERSIGHT
from gongzhi.cases.views_act_pages import ACT_PAGES
from gongzhi.core import actors, middleware
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE
from gongzhi.core.models import Document, Event, StoredFile
from gongzhi.core.tests.calling import ROOT, Caller, key_for
from gongzhi.core.tests.cast import SINCE, Cast, build
from gongzhi.duties import services as duties
from gongzhi.duties.models import Duty
from gongzhi.duties.views.detail import ACTS as DUTY_ACTS
from gongzhi.registry import services as registry
from gongzhi.site import urls
from gongzhi.site.api import api

RECEIVED = datetime(2024, 5, 8, 9, 0, tzinfo=ZONE)
LATER = datetime(2024, 6, 20, 9, 0, tzinfo=ZONE)
CITIES = {"jiujiang": "340207", "zhangjiagang": "320582", "jinhua": "330782"}
NAME, PHONE, ROOM = "欧阳隐", "13987654321", "九九幢八八室"
TITLE, TEXT, ANSWER, PAPER = "绛帘阁的异响", "每到子夜有人敲打铜鼎", "已令其收起铜鼎并作笔录", "铜鼎来历一览"
OWNERS_PHONE, OWNERS_CARD = "13787654329", "340207198001010019"
SEARCHED = "敲打铜鼎"
# Addresses that change who asks, or are for people at the door.
LEFT_OUT = ("logout", "login", "healthz")
WEB = ("tousu/", "chaxun/")
UNIT = "danwei/"  # what every address of an organisation says before its number


@dataclass
class World:
    """A city in which one case is nobody's business but that of its parties; every row of it is known."""

    slug: str
    cast: Cast
    case: Case
    files: set[int] = field(default_factory=set)
    duties: set[int] = field(default_factory=set)
    papers: set[int] = field(default_factory=set)

    def words(self) -> dict[str, str]:
        return {
            "number": self.case.number,
            "title": TITLE,
            "text": TEXT,
            "answer": ANSWER,
            "paper": PAPER,
            **self.identity(),
        }

    def identity(self) -> dict[str, str]:
        """Also what nobody reads in the plain without a reason: telephone and card of an owner of the estate."""
        owner = {"owner's phone": OWNERS_PHONE, "owner's card": OWNERS_CARD}
        return {"name": NAME, "phone": PHONE, "phone tail": PHONE[-4:], "room": ROOM, **owner}


def note(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.txt", f"{name}：{TEXT}".encode(), content_type="text/plain")


@pytest.fixture
def world(request: Any, db: Any) -> World:
    slug = request.param
    cast = build(RECEIVED, county=CITIES[slug], pack=slug)
    _more_people(cast)
    _owned_unit(cast)
    ordinary = _submitted(cast, "illegal_structure", "楼道堆放杂物", "owner")
    lead = _lead_of(cast, _assign(cast, ordinary))
    services.report_in(ordinary, actor=_actor(cast, lead), now=RECEIVED)
    return World(slug, cast, _secret(cast))


def _more_people(cast: Cast) -> None:
    """A second company with a manager, and the complainant: an owner of the same estate."""
    from gongzhi.core.models import User

    for key, role, extra in (
        ("project_manager@2", "project_manager", {"organisation": cast.organisation("property_company@2")}),
        ("neighbour", "owner", {"place": cast.estate.place}),
    ):
        user = User(username=key.replace("@", "_"), display_name=f"旁人{len(cast.users)}")
        user.set_unusable_password()
        user.set_phone(f"1370000{len(cast.users):04d}")
        user.save()
        cast.users[key] = user
        core.begin_post(
            user, role=role, begins_on=SINCE, actor=Actor.system(), now=cast.now,
            **{"organisation": None, "place": None, **extra},
        )  # fmt: skip


def _owned_unit(cast: Cast) -> None:
    by: dict[str, Any] = {"actor": Actor.system(), "now": RECEIVED}
    building = cast.estate.buildings.get(name="1幢")
    unit = registry.register_unit(
        building, name="101", exclusive_area_m2=Decimal("89.50"), area_source="register", **by
    )
    owner = registry.OwnerInput("司徒显", OWNERS_PHONE, OWNERS_CARD)
    registry.transfer_unit(unit, owners=[owner], from_on=SINCE, **by)


def _actor(cast: Cast, role: str, now: datetime = RECEIVED) -> Actor:
    return Actor.of(cast.users[role], now)


def _submitted(cast: Cast, matter: str, title: str, by: str, **given: Any) -> Case:
    values: dict[str, Any] = {"text": "楼道里有杂物，走不过去。", "location": "1幢", **given}
    done = services.receive_complaint(
        channel="web",
        estate=cast.estate,
        matters=[services.MatterInput(matter=matter, title=title)],
        received_at=RECEIVED,
        actor=_actor(cast, by),
        now=RECEIVED,
        **values,
    )
    return done.cases.get()


def _assign(cast: Cast, case: Case) -> Case:
    desk = next(role for role, unit in cast.organisations.items() if unit == case.desk and role in cast.users)
    return services.assign_case(case, actor=_actor(cast, desk), now=RECEIVED)


def _lead_of(cast: Cast, case: Case) -> str:
    return next(role for role, unit in cast.organisations.items() if unit == case.lead and role in cast.users)


def _secret(cast: Cast) -> Case:
    """Taken in with a file, handled, answered, and overdue: duties, documents, messages and events of every kind."""
    case = _submitted(
        cast, "fire_lane", TITLE, "neighbour", text=f"我是{NAME}，电话{PHONE}，住{ROOM}。{TEXT}", location="绛帘阁",
        complainant=services.ComplainantInput(name=NAME, phone=PHONE, address=ROOM), files=[note(PAPER)],
    )  # fmt: skip
    lead = _lead_of(cast, _assign(cast, case))
    by = {"actor": _actor(cast, lead), "now": RECEIVED + timedelta(hours=1)}
    services.report_in(case, **by)
    services.verify_on_site(case, note=TEXT, files=[note(PAPER)], **by)
    services.note_progress(case, note=f"{NAME}，{PHONE}：{ANSWER}", files=[note(PAPER)], **by)
    services.handle(case, result=ANSWER, outcome="rectified", **by)
    duties.tick(LATER)
    case.refresh_from_db()
    return case


def patterns(found: Any = None, prefix: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """(address with {names}, converters, name) of every page there is."""
    for one in (found or get_resolver()).url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from (
                (address, {**one.pattern.converters, **kinds}, name) for address, kinds, name in patterns(one, route)
            )
        elif isinstance(one, URLPattern):
            yield route, one.pattern.converters, one.name or ""


def keys_of(world: World, route: str) -> list[str]:
    """What can stand for a number in an address: the files, papers, duties of the case; else any row it touches."""
    case, projects = world.case, list(world.case.estate.projects.all())
    touched = [case, case.complaint, case.complaint.complainant, case.estate, *projects]
    rows: list[Any] = [one for one in touched if one is not None]
    if route.startswith(("wenjian/", "wenshu/")):
        rows = [*StoredFile.objects.all(), *Document.objects.all()]
    elif UNIT in route:
        rows = [case.lead, *(one.company for one in projects)]
    elif route.startswith("gongzuotai/"):
        rows += Duty.objects.filter(subject_kind="case", subject_id=str(case.pk))
    return [str(one) for one in sorted({row.pk for row in rows})]


def addresses(world: World) -> list[str]:
    """Every address with everything that can stand in it; of a row, every act."""
    values = {
        "number": [world.case.number, world.case.complaint.number],
        "code": sorted({*ACT_PAGES, *DUTY_ACTS}),
        "slug": [world.slug],
        "question": ["cases.route"],
        "year": ["2024"],
    }
    found = []
    for route, kinds, name in patterns():
        if name in LEFT_OUT or route.startswith(WEB):
            continue
        keys = keys_of(world, route)
        choices = [
            values.get(one) or (keys if isinstance(kind, IntConverter) else ["x"]) for one, kind in kinds.items()
        ]
        if "code" in kinds:  # acts are done on a case; a complaint has none
            choices = [one[:1] if one is values["number"] else one for one in choices]
        if keys in choices:  # of a row with a number one act shows whether the row is shut
            choices = [one if one is keys else one[:1] for one in choices]
        together = product(*choices) if choices.count(keys) <= 1 else zip(*choices, strict=False)
        for chosen in together:
            filled = route
            for one, value in zip(kinds, chosen, strict=True):
                filled = re.sub(rf"<(?:\w+:)?{one}>", value, filled)
            found.append("/" + filled)
    return found


def pages(world: World) -> list[str]:
    """Every address of a page; those of the API are called as programs call them."""
    return [url for url in addresses(world) if not url.startswith(ROOT)]


def read(response: Any) -> str:
    """Everything that came, also what is packed in workbooks, Word files and archives."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if "json" in response.headers.get("Content-Type", ""):  # where signs stand as numbers
        return json.dumps(json.loads(content), ensure_ascii=False)
    return unpacked(content)


def unpacked(content: bytes) -> str:
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return "".join(name + unpacked(package.read(name)) for name in package.namelist())


def insiders(world: World) -> set[str]:
    """Who takes part, by name in the row; the offices over the place; the complainant."""
    part = {row.organisation for row in world.case.parties.all()}
    found = {role for role, unit in world.cast.organisations.items() if unit in part}
    over = [
        role
        for role, unit in world.cast.organisations.items()
        if role.partition("@")[0] in OVERSIGHT and world.case.place_path.startswith(unit.place_path)
    ]
    return found | set(over) | {"neighbour"}


ASKED = re.compile(r'<(?:input|textarea)[^>]*name="(q|text|words|number|title)"')


def visit(client: Client, tried: list[str]) -> Iterator[tuple[str, Any, str]]:
    """(address, answer, everything in it); lists also with all views, and searched for words of the case."""
    for url in tried:
        response = client.get(url)
        text = "" if response.status_code == NOT_FOUND else read(response)
        yield url, response, text
        if response.status_code == OK and not re.search(r"\d", url):
            for name in sorted({*ASKED.findall(text)}):
                again = client.get(url, {name: SEARCHED, "view": "all", "tab": "done"})
                yield f"{url}?{name}", again, read(again)


OK, NOT_FOUND, FAULT = 200, 404, 500
# One of each kind that is no party to the case: other departments, streets, companies, owners, a steward.
JIUJIANG = ("housing", "urban_management", "street_office@2", "project_manager", "owner")
ZHANGJIAGANG = ("urban_management", "project_manager@2")
JINHUA = ("building_steward",)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: Any, settings: Any) -> None:
    """It is later; and what is alike at each of thousands of calls is done once: finding out who somebody is, and the
    page "not found", which is drawn before anything is known of a row."""
    monkeypatch.setattr(middleware.timezone, "now", lambda: LATER)
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    monkeypatch.setattr(ModelBackend, "get_user", staticmethod(cache(ModelBackend().get_user)))
    monkeypatch.setattr(actors, "posts_in_force", cache(actors.posts_in_force))
    monkeypatch.setattr(urls, "handler404", lambda request, exception: HttpResponse(status=NOT_FOUND))


def browser(world: World, role: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.cast.users[role])
    return client


STRANGERS = (
    *(("jiujiang", role) for role in JIUJIANG),
    *(("zhangjiagang", role) for role in ZHANGJIAGANG),
    *(("jinhua", role) for role in JINHUA),
)
ACTS_TRIED = 6  # of the acts on a case each stranger tries every sixth, another one each


@pytest.mark.parametrize(
    ("world", "role", "number"),
    [
        pytest.param(city, role, number, marks=pytest.mark.long if number else ())
        for number, (city, role) in enumerate(STRANGERS)
    ],
    indirect=["world"],
)
def test_who_is_no_party_finds_nothing_of_a_case(world: World, role: str, number: int) -> None:
    assert role not in insiders(world)
    tried, told, seen = pages(world), world.words(), 0
    acts = [url for url in tried if url.startswith(f"/anjian/{world.case.number}/")]
    skipped = set(acts) - set(acts[number % ACTS_TRIED :: ACTS_TRIED])
    by_pages = visit(browser(world, role), [one for one in tried if one not in skipped])
    for url, response, text in chain(by_pages, called(world, role)):
        assert response.status_code < FAULT, (role, url)
        found = [name for name, words in told.items() if words in text and words not in url]
        assert not found, (role, url, found)
        seen += response.status_code == OK
    assert seen


# --- writing


OUTSIDE = {302, 303}
SHUT = {401, 403, 404, 405}
# Asked of everybody, answered at once, kept nowhere: a receipt, a simulation.
SAID_TO_ALL = ("/hedui/", "/moni/")
ANY_VERSION = ", ".join(f'"{number}"' for number in range(40))


def clocks_of(world: World) -> list[str]:
    return [str(one.pk) for one in Duty.objects.filter(subject_kind="case", subject_id=str(world.case.pk))]


def about_the_case(world: World, url: str, duties_of_it: list[str]) -> bool:
    """Addresses of the case itself, and of what belongs to it and to nothing else."""
    parts = [part for part in url.split("/") if part]
    if world.case.number in parts or world.case.complaint.number in parts:
        return True
    return parts[:1] == ["gongzuotai"] and len(parts) > 1 and parts[1] in duties_of_it


FILLED_IN = {
    "form_key": "k1", "reason": "没有理由", "text": "没有的事", "note": "没有的事", "title": "没有的事",
    "name": "没有的人",
    "result": "没有的事", "outcome": "rectified", "method": "电话", "stars": "5", "comment": "好", "approve": "yes",
    "day": "2024-06-30", "due_on": "2024-07-30", "from_on": "2024-06-20", "act": "send", "duties": "1",
    "password": "x",
}  # fmt: skip


def filled_in(world: World) -> dict[str, str]:
    """What most forms ask, so that a page without a guard would get as far as doing something."""
    lead, case = str(world.case.lead_id), world.case
    return {**FILLED_IN, "to": lead, "lead": lead, "cases": case.number, "case": str(case.pk), "pick": case.number}


def state_of(world: World) -> tuple[Any, ...]:
    """Everything that an act on the case would leave behind."""
    case = Case.objects.get(pk=world.case.pk)
    rows = [case.entries.count(), case.parties.count(), case.files.count(), case.state, case.version, case.lead_id]
    clocks = Duty.objects.filter(subject_kind="case", subject_id=str(case.pk)).order_by("pk")
    return (*rows, *clocks.values_list("pk", "state", "version"))


@pytest.mark.parametrize("world", ["jiujiang"], indirect=True)
def test_who_is_not_signed_in_writes_nothing(world: World) -> None:
    client, before, since = Client(raise_request_exception=False), state_of(world), Event.objects.count()
    open_ones = []
    for url in pages(world):
        response = client.post(url, filled_in(world))
        moved = response.headers.get("Location", "")
        led_away = response.status_code in OUTSIDE and moved.startswith("/denglu/")
        if not (led_away or response.status_code in SHUT or url.endswith(SAID_TO_ALL)):
            open_ones.append((url, response.status_code, moved))
    assert not open_ones, open_ones
    assert (state_of(world), Event.objects.count()) == (before, since)


@pytest.mark.parametrize("world", ["jiujiang"], indirect=True)
@pytest.mark.parametrize("role", ["street_office@2", "owner"])
@pytest.mark.long
def test_who_is_no_party_changes_nothing_by_a_form(world: World, role: str) -> None:
    client, before, clocks = browser(world, role), state_of(world), clocks_of(world)
    done, last = [], Event.objects.latest("pk").pk
    for url in pages(world):
        response = client.post(url, filled_in(world))
        assert response.status_code < FAULT, (role, url)
        if about_the_case(world, url, clocks) and response.status_code not in SHUT:
            done.append((url, response.status_code))
    assert not done, done
    written = Event.objects.filter(pk__gt=last)
    if "@" in role:  # an office does its work in the street that is its own
        own = world.cast.actor(role).place_path
        assert own and not world.case.place_path.startswith(own)
        written = written.exclude(place_path__startswith=own)
        written = written.exclude(kind="organisation.registered")  # a company works in the whole county
    assert not list(written.values_list("kind", "subject_kind", "subject_id"))
    assert state_of(world) == before


# --- programs


SIMPLE: dict[str, Any] = {"integer": 1, "number": 1, "boolean": False, "object": {}, "null": None, "array": []}
FORMATS = {"date": "2024-06-20", "date-time": "2024-06-20T09:00:00+08:00"}


def sample(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """The plainest value that the description allows."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for name in ("anyOf", "allOf"):
        if name in schema:
            return sample(schema[name][0], schemas)
    kind = schema.get("type", "string")
    if kind == "object" and "properties" in schema:
        wanted = schema.get("required", ())
        return {name: sample(one, schemas) for name, one in schema["properties"].items() if name in wanted}
    if kind == "array" and schema.get("minItems"):
        return [sample(schema["items"], schemas)]
    if kind != "string":
        return SIMPLE[kind]
    listed = re.match(r"\^\(([^|)]+)", schema.get("pattern", ""))
    return listed[1].replace("\\", "") if listed else FORMATS.get(schema.get("format", ""), "没有的事")


def filled_path(path: str, world: World) -> str:
    clock = Duty.objects.filter(subject_kind="case", subject_id=str(world.case.pk)).earliest("pk").pk
    values = {
        "number": world.case.complaint.number if "/complaints/" in path else world.case.number,
        "case": world.case.number, "act": "assign", "slug": world.slug, "question": "cases.route", "name": "x",
        "kind": "task", "year": "2024", "pk": str(clock if "/duties/" in path else world.case.estate_id),
        "owner": "1", "party": "1", "delivery": "1", "code": "x", "proxy": "w1",
        "key": f"{world.case.estate_id}-1", "unit": "1", "part": "x", "purse": "service_charges", "scheme": "x",
        "what": "guzhang", "sheet": "company_round", "token": "x", "stage": "x", "position": "1",
        "post": "1",
    }  # fmt: skip
    if "/bodies/" in path:
        values |= {"kind": "estate", "act": "lianming"}
    if "/duties/" in path:
        values["act"] = "excuse"
    return path.format(**values)


described_api = cache(api.get_openapi_schema)


def operations(*methods: str) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    described = described_api()
    for path, found in described["paths"].items():
        for method, operation in found.items():
            if method in methods:
                yield method, path, operation, described["components"]["schemas"]


# What any key may do for its own post, and nothing else.
OWN = ("/api/v1/webhooks", "/api/v1/public/", "/api/v1/files")


def called(world: World, role: str) -> Iterator[tuple[str, Any, str]]:
    """(address, answer, everything in it) of all that a program can read with a key of that post."""
    caller = Caller(key_for(world.cast, role, days=90))
    for _, path, _, _ in operations("get"):
        url = filled_path(path.removeprefix(ROOT), world)
        response = caller.get(url)
        yield ROOT + url, response, read(response) if response.status_code == OK else ""


@pytest.mark.long
@pytest.mark.parametrize("world", ["jiujiang"], indirect=True)
def test_who_is_no_party_changes_nothing_by_a_program(world: World) -> None:
    clocks = Duty.objects.filter(subject_kind="case", subject_id=str(world.case.pk))
    numbers = {"cases": [world.case.number], "duties": list(clocks.values_list("pk", flat=True)), "act": "prompt"}
    before, done = state_of(world), []
    for role in JIUJIANG:
        caller = Caller(key_for(world.cast, role, days=90))
        for method, path, operation, schemas in operations("post", "put", "patch"):
            content = operation.get("requestBody", {}).get("content", {})
            if path.startswith(OWN) or (content and "application/json" not in content):
                continue
            body = sample(content["application/json"]["schema"], schemas) if content else {}
            body |= {name: value for name, value in numbers.items() if name in body}
            since = Event.objects.count()
            url = filled_path(path.removeprefix(ROOT), world)
            response = caller.post(url, body, match=ANY_VERSION, method=method)
            assert response.status_code < FAULT, (role, url)
            about = "/cases" in path or path.startswith(f"{ROOT}/duties/") or "/bulk/" in path
            changed = Event.objects.count() != since and role != "housing"  # the estate itself is in its care
            if (about and response.status_code not in (403, 404)) or changed:
                done.append((role, method, url, response.status_code, response.content.decode()[:200]))
    assert not done, "\n".join(map(str, done))
    assert state_of(world) == before


@pytest.mark.long
@pytest.mark.parametrize("world", ["jiujiang"], indirect=True)
def test_a_company_that_is_party_never_finds_who_complained(world: World) -> None:
    """On no page and export, in no file, over no operation, by no search: name, phone, room, whole or masked."""
    case, company = world.case, world.cast.organisation("property_company")
    case.parties.create(organisation=company, role=company.role, part="told", since=RECEIVED)
    person = case.complaint.complainant
    assert person is not None
    told = {**world.identity(), "masked name": person.masked_name, "masked phone": person.masked_phone}
    told.pop("phone tail")
    seen: set[str] = set()
    found: list[Any] = []

    def look(url: str, response: Any, text: str) -> None:
        assert response.status_code < FAULT, url
        found.extend((url, name) for name, words in told.items() if words in text)
        if TITLE in text:
            seen.add(url)

    for one in (*visit(browser(world, "project_manager"), pages(world)), *called(world, "project_manager")):
        look(*one)
    assert not found, found
    caller = Caller(key_for(world.cast, "project_manager", days=90))
    assert {f"/anjian/{case.number}/", f"{ROOT}/cases/{case.number}", f"{ROOT}/exports/cases"} <= seen
    for words in (NAME, PHONE, ROOM):
        answer = read(browser(world, "project_manager").get("/anjian/", {"q": words, "view": "all"}))
        assert TITLE not in answer, words
        assert caller.get("/cases", {"text": words, "view": "all"}).json()["items"] == []
