"""The tree of places: reading it in, finding one's way in it, and the organisations that act there."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Substr

from gongzhi.core import packs
from gongzhi.core.errors import PackBroken, Refused
from gongzhi.core.models import ApiToken, Organisation, Place, Post, Webhook
from gongzhi.core.questions import PLACE_LEVELS, ROLES

COLUMNS = ("code", "name", "level", "parent_code")
BATCH = 2000
# What a name sheds on a narrow screen, the longest first.
SUFFIXES = (
    "社区居民委员会",
    "村民委员会",
    "居民委员会",
    "街道办事处",
    "社区居委会",
    "居委会",
    "村委会",
    "自治区",
    "自治县",
    "街道",
    "社区",
    "省",
    "市",
    "区",
    "县",
    "镇",
    "乡",
)
COMMITTEES = {"居民委员会": "", "居委会": "", "村民委员会": "村", "村委会": "村"}
SHORTEST_STEM = 2
_ROLES = {role.code: role for role in ROLES}


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    changed: int
    unchanged: int


def short_name(name: str) -> str:
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= SHORTEST_STEM:
            return name[: -len(suffix)]
    return name


def spoken_name(name: str) -> str:
    """As people say it: 江滨社区 for 江滨社区居委会, 管山村 for 管山村民委员会."""
    for suffix, kept in COMMITTEES.items():
        if name.endswith(suffix) and len(name) - len(suffix) >= SHORTEST_STEM:
            return name[: -len(suffix)] + kept
    return name


def read_divisions(path: Path) -> list[dict[str, str]]:
    """Rows of the divisions' file. Refuses (`divisions`) a file without the columns, with the line at fault."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise Refused("divisions", f"{path.name}：第 1 行应为 {','.join(COLUMNS)}。")
        rows = []
        for line, row in enumerate(reader, start=2):
            if not row["code"] or not row["name"] or row["level"] not in PLACE_LEVELS:
                raise Refused("divisions", f"{path.name}:{line}：缺代码或名称，或层级“{row['level']}”不认识。")
            rows.append(row)
    return rows


@transaction.atomic
def import_divisions(rows: Iterable[dict[str, str]]) -> Imported:
    """Adds and renames places in a few statements; a second run changes nothing. A place is never moved or removed."""
    order = list(PLACE_LEVELS)
    wanted = sorted(rows, key=lambda row: order.index(row["level"]))
    codes = [row["code"] for row in wanted]
    if len(set(codes)) != len(codes):
        twice = next(code for code in codes if codes.count(code) > 1)
        raise Refused("divisions", f"代码 {twice} 出现了两次。")
    known = {place.code: place for place in Place.objects.all()}
    paths = {code: place.path for code, place in known.items()}
    fresh: list[Place] = []
    renamed: list[Place] = []
    for row in wanted:
        parent = row["parent_code"]
        if parent and parent not in paths:
            raise Refused("divisions", f"{row['code']} {row['name']}：上级 {parent} 不在表里，也不在库里。")
        path = f"{paths.get(parent, '')}{row['code']}/"
        place = known.get(row["code"])
        if place is None:
            paths[row["code"]] = path
            fresh.append(
                Place(
                    code=row["code"],
                    name=row["name"],
                    short_name=short_name(row["name"]),
                    level=row["level"],
                    path=path,
                )
            )
        elif place.path != path:
            raise Refused("divisions", f"{row['code']} {row['name']}：已在库里且上级不同，不能移动；请先确认区划调整。")
        elif place.name != row["name"]:
            place.name, place.short_name = row["name"], short_name(row["name"])
            renamed.append(place)
    _add(fresh, {row["code"]: row["parent_code"] for row in wanted}, known)
    Place.objects.bulk_update(renamed, ["name", "short_name"], batch_size=BATCH)
    return Imported(len(fresh), len(renamed), len(codes) - len(fresh) - len(renamed))


def _add(fresh: list[Place], parents: dict[str, str], known: dict[str, Place]) -> None:
    """Level by level, so that every parent has its id."""
    for level in PLACE_LEVELS:
        batch = [place for place in fresh if place.level == level]
        for place in batch:
            place.parent = known.get(parents[place.code])
        for place in Place.objects.bulk_create(batch, batch_size=BATCH):
            known[place.code] = place


def add_place(parent: Place, *, code: str, name: str, level: str, demo: bool = False) -> Place:
    """A place below another: an estate, a building, a unit."""
    order = list(PLACE_LEVELS)
    if order.index(level) <= order.index(parent.level):
        raise Refused("place_level", f"{PLACE_LEVELS[level]}不能设在{PLACE_LEVELS[parent.level]}之下。")
    return Place.objects.create(
        code=code, name=name, short_name=name[:60], level=level, parent=parent, path=f"{parent.path}{code}/", demo=demo
    )


def move_place(place: Place, *, parent: Place) -> str:
    """Puts a place, what is below it, its organisations and whoever holds a post there, below another parent.

    Gives the path it had. Its code stays: `moved_to` finds by it where a row lies today that was written before.
    """
    old, new = place.path, f"{parent.path}{place.code}/"
    rebase(Place.objects.all(), old=old, new=new, field="path")
    rebase(Organisation.objects.all(), old=old, new=new)
    rebase(Post.objects.filter(ends_on=None), old=old, new=new)
    rebase(ApiToken.objects.filter(revoked_at=None), old=old, new=new)
    rebase(Webhook.objects.filter(ended_at=None), old=old, new=new)
    place.path, place.parent = new, parent
    place.save(update_fields=["parent"])
    return old


def rebase(rows: QuerySet[Any], *, old: str, new: str, field: str = "place_path") -> int:
    """Rows at that path and below lie below the other from now on. How many they were."""
    rest = Substr(field, len(old) + 1)
    return rows.filter(**{f"{field}__startswith": old}).update(**{field: Concat(Value(new), rest)})


def moved_to(place_path: str) -> str:
    """The path today of a place whose path was this one once; "" where it still is, or is no more."""
    code = next(iter(packs.codes_of(place_path)), "")
    path = Place.objects.filter(code=code).exclude(path=place_path).values_list("path", flat=True).first()
    return path or ""


def place_at(place_path: str, level: str | None = None) -> Place | None:
    """The place of a path, or its ancestor of a level."""
    codes = packs.codes_of(place_path)
    if level is None:
        return Place.objects.filter(code=codes[0]).first() if codes else None
    return Place.objects.filter(code__in=codes, level=level).first()


def ancestors(place_path: str) -> list[Place]:
    """From the province down to the place itself."""
    return list(Place.objects.filter(code__in=packs.codes_of(place_path)).order_by("path"))


def place_title(place_path: str, *, from_level: str = "county") -> str:
    """The names from the county down, joined: what a page or a document shows of a place."""
    order = list(PLACE_LEVELS)
    first = order.index(from_level)
    return "".join(place.name for place in ancestors(place_path) if order.index(place.level) >= first)


def role_level(role: str) -> str:
    """The level of a role of the platform; of a pack's own role, `county`, where new departments are."""
    known = _ROLES.get(role)
    return known.level if known else "county"


def role_kind(role: str) -> str:
    """Of a role that only documents know, the kind that the first of them gives it; a stranger's is nobody's."""
    known = _ROLES.get(role) or next((pack.roles[role] for pack in packs.all_packs() if role in pack.roles), None)
    return known.kind if known else "person"


def role_name(role: str, *, place_path: str = "", on: date | None = None) -> str:
    """The city's own name of a role where a pack holds, else the platform's."""
    try:
        pack = packs.pack_for(place_path, on) if place_path and on else None
    except PackBroken:
        pack = None  # a name for reading decides nothing
    known = _ROLES.get(role)
    return (pack.role_name(role) if pack else "") or (known.name if known else role)


def ensure_organisation(
    role: str, *, place: Place, name: str = "", on: date | None = None, phone: str = "", demo: bool = False
) -> Organisation:
    """The organisation in that role at the place, made when missing. Without a name: the place's and the role's."""
    found = Organisation.objects.filter(role=role, place=place, active=True).order_by("pk").first()
    if found is not None and (not name or found.name == name):
        return found
    own = role_name(role, place_path=place.path, on=on)
    title = name or (own if own.startswith((place.name, place.short_name)) else f"{place.short_name}{own}")
    return Organisation.objects.create(
        name=title, role=role, kind=role_kind(role), place=place, place_path=place.path, phone=phone, demo=demo
    )
