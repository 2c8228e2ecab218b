"""Fields that the staff forms share: a moment to the minute, several files, a unit, a role, a matter."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms

from gongzhi.cases.codes import NATURES
from gongzhi.cases.forms_public import FilesField, matter_choices
from gongzhi.cases.models import Case
from gongzhi.cases.rights import DEPARTMENTS
from gongzhi.core import packs
from gongzhi.core import services as core
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.models import Organisation
from gongzhi.core.questions import ROLES
from gongzhi.registry import queries as registry

__all__ = ["FilesField", "MomentField", "UnitField", "long_text", "matter_options", "role_options", "unit_options"]

MINUTE_FORMAT = "%Y-%m-%dT%H:%M"
LONGEST_NOTE = 2000
MINUTE = timedelta(minutes=1)
LOCAL_UNITS = {
    "street_office", "street_government", "community_station", "community_committee",
    "mediation_centre", "mediation_station", "mediation_room",
}  # fmt: skip
OFFICES = {"leading_group_office", "hotline_desk", "complaint_desk", "utilities_company"}
GROUPS = {"county": "区县部门", "street": "镇街", "community": "社区（村）", "estate": "本小区"}
_LEVEL = {role.code: role.level for role in ROLES}


class MomentField(forms.DateTimeField):
    """Date and time to the minute, as the browser's own control gives them."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE_FORMAT)
        formats = [MINUTE_FORMAT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"]
        errors = {"invalid": "时间请写成“2022-05-05 09:30”这样", "required": "请填时间"}
        super().__init__(widget=widget, input_formats=formats, **{"error_messages": errors, **kwargs})


def not_before(moment: datetime | None, earliest: datetime | None) -> datetime | None:
    """Controls know no seconds: what was typed for the very minute of the receipt is not before it."""
    if moment is None or earliest is None:
        return moment
    return earliest if moment <= earliest < moment + MINUTE else moment


def minute_of(moment: datetime) -> datetime:
    return moment.astimezone(ZONE).replace(second=0, microsecond=0)


def long_text(label: str, *, rows: int = 4, **kwargs: Any) -> forms.CharField:
    errors = {"required": f"请写明{label}", "max_length": f"请写在{LONGEST_NOTE}个字以内，其余作为附件上传"}
    return forms.CharField(
        label=label,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages=errors,
        **kwargs,
    )


class UnitField(forms.ModelChoiceField):
    """One of the units that may have to do with a case."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {"required": "请选择单位", "invalid_choice": "请从名单里选"}
        super().__init__(Organisation.objects.none(), empty_label="请选择单位", error_messages=errors, **kwargs)


def unit_options(case: Case) -> list[Organisation]:
    """The units over the place of the case, of all levels, and the company that serves the estate."""
    roles = {*DEPARTMENTS, *LOCAL_UNITS, *OFFICES, *_own_roles(case)}
    rows = Organisation.objects.filter(place__code__in=packs.codes_of(case.place_path), active=True, role__in=roles)
    found = sorted(rows, key=lambda one: (len(one.place_path), one.pk))
    company = registry.organisation_for("property_company", case.place_path, case.estate) if case.estate else None
    return [*found, company] if company is not None else found


def offer_units(field: forms.Field, units: Iterable[Organisation], *, empty: str = "请选择单位") -> None:
    """Puts the units into a field under the headings of their levels."""
    units = list(units)
    field.queryset = Organisation.objects.filter(pk__in=[one.pk for one in units])  # type: ignore[attr-defined]
    grouped: dict[str, list[tuple[int, str]]] = {}
    for one in units:
        grouped.setdefault(GROUPS.get(_LEVEL.get(one.role, "county"), "区县部门"), []).append((one.pk, one.name))
    head: list[Any] = [("", empty)] if empty else []
    field.widget.choices = [*head, *grouped.items()]


def _own_roles(case: Case) -> list[str]:
    """The offices and departments that the place's document adds; what it calls several units together is none."""
    pack = core.pack_for(case.place_path, local_day(case.received_at))
    roles = pack.roles if pack is not None else {}
    return [code for code, role in roles.items() if code not in _LEVEL and role.kind != "group"]


def role_options(case: Case, *, without: str = "") -> list[tuple[str, str]]:
    """The departments and the local bodies by the names of the place's document."""
    on = local_day(case.received_at)
    pack = core.pack_for(case.place_path, on)
    wanted = [role.code for role in ROLES if role.code in {*DEPARTMENTS, *LOCAL_UNITS, "property_company"}]
    wanted += _own_roles(case)
    names = [(code, str(pack.role_name(code) if pack else "") or core.role_name(code)) for code in wanted]
    return [("", "请选择"), *((code, name) for code, name in names if code != without)]


def matter_options(place_path: str, on: Any) -> list[Any]:
    """Every matter by its name there, under its heading, with the empty line first."""
    pack = core.pack_for(place_path, on) if place_path else None
    found = matter_choices(pack.matters if pack is not None else packs.vocabulary().matters, pack)
    return [("", "请选择事项"), *[one for one in found if isinstance(one[1], list)], ("other", "其他、说不准")]


NATURE_OPTIONS = [("", "按事项定"), *NATURES.items()]
