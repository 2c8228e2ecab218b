"""The steps that tests of patrols share: a round, a finding on its way, an entry of a register."""

from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.tests.cast import SINCE, Cast
from gongzhi.governance.bodies.tests.steps import SYSTEM, city, day, later, moment
from gongzhi.patrols import services
from gongzhi.patrols.models import PatrolFinding, PatrolRound, RegisterEntry
from gongzhi.patrols.queries.books import Reader, register_at
from gongzhi.patrols.services import Filled, Found, Given, Upload
from gongzhi.registry import services as registry
from gongzhi.registry.models import Estate

__all__ = ["SINCE", "SYSTEM", "Found", "Upload", "city", "day", "later", "moment"]

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557"
    "bfabd40000000049454e44ae426082"
)


def photo(name: str = "现场.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PNG, content_type="image/png")


def pictured(field: str = "", taken_at: datetime | None = None) -> Upload:
    return Upload(field, photo(), taken_at)


def someone(cast: Cast, role: str) -> Actor:
    """Whoever works in that role; a post is made where the cast has none."""
    if role not in cast.users:
        from gongzhi.core.tests.cast import _person

        place = {"community": cast.community, "street": cast.street}.get(core.role_level(role), cast.county)
        if role not in cast.organisations:
            cast.organisations[role] = core.ensure_organisation(role, place=place)
        _person(cast, role, f"经办{role}", organisation=cast.organisations[role])
    return cast.actor(role)


def walked(
    cast: Cast, sheet: str, answers: dict[str, Any] | None = None, *, by: str = "street_office", on: str = "",
    estate: Estate | None = None, key: str = "", **given: Any,
) -> PatrolRound:  # fmt: skip
    """A round as that office sent it; problems that are not named are not there."""
    if on:
        later(cast, on) if len(on) == len("2022-05-01") else setattr(cast, "now", datetime.fromisoformat(on))
    estate = estate or cast.estate
    register = register_at(estate.place_path, sheet, core.local_day(cast.now))
    assert register is not None
    filled = {name: False for name, one in register.fields.items() if one.form == "problem"}
    whole = Given(sheet=sheet, answers={**filled, **(answers or {})}, **given)
    number = PatrolRound.objects.count()
    return services.send_round(estate, given=whole, key=key or f"k{number}", actor=someone(cast, by), now=cast.now)


def entered(
    cast: Cast, code: str, values: dict[str, Any], *, by: str, estate: Estate | None = None,
    files: tuple[str, ...] = (), about_place: bool = False, **given: Any,
) -> RegisterEntry:  # fmt: skip
    filled = Filled(values, uploads=tuple(pictured(one) for one in files), **given)
    about = None if about_place else estate or cast.estate
    return services.enter(code, estate=about, filled=filled, actor=someone(cast, by), now=cast.now)


def staged(
    cast: Cast, entry: RegisterEntry, stage: str, values: dict[str, Any] | None = None, *, by: str,
    files: tuple[str, ...] = (), **given: Any,
) -> RegisterEntry:  # fmt: skip
    filled = Filled(values or {}, uploads=tuple(pictured(one) for one in files), **given)
    return services.take_stage(entry, stage=stage, filled=filled, actor=someone(cast, by), now=cast.now)


def reader(cast: Cast, code: str) -> Reader:
    register = register_at(cast.county.path, code, core.local_day(cast.now))
    assert register is not None
    return Reader(register, cast.county.path, core.local_day(cast.now))


def marks(cast: Cast, entry: RegisterEntry) -> list[str]:
    return [words for words, _, _ in reader(cast, entry.register).read(fresh(entry)).marks]


def rates(cast: Cast, code: str) -> dict[str, str]:
    rows = list(RegisterEntry.objects.filter(register=code, ended_on=None))
    return {one.title: one.shown for one in reader(cast, code).figures(rows)}


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def rectified(cast: Cast, finding: PatrolFinding, *, by: str = "property_company", **given: Any) -> PatrolFinding:
    uploads = given.pop("uploads", (pictured(),))
    return services.rectify(
        fresh(finding), text="已整改", uploads=uploads, actor=someone(cast, by), now=cast.now, **given
    )


def rechecked(cast: Cast, finding: PatrolFinding, *, by: str, passed: bool = True, **given: Any) -> PatrolFinding:
    return services.recheck(
        fresh(finding), passed=passed, text="现场看过", actor=someone(cast, by), now=cast.now, **given
    )


def estates(cast: Cast, count: int, *, served: bool = False, since: date = SINCE) -> list[Estate]:
    """So many more estates in the first community; the company serves them where asked."""
    made = []
    for number in range(count):
        one = registry.register_estate(
            community=cast.community, name=f"第{number + 1}小区", households=100, from_on=since, actor=SYSTEM,
            now=cast.now,
        )  # fmt: skip
        if served:
            registry.begin_project(
                estate=one, company=cast.organisations["property_company"], manager=cast.users["project_manager"],
                from_on=since, actor=SYSTEM, now=cast.now,
            )  # fmt: skip
        made.append(one)
    return made
