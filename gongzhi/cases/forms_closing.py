"""Filing away, dividing and joining cases: the forms with more than a few fields."""

from collections.abc import Mapping
from typing import Any

from django import forms

from gongzhi.cases.codes import ARCHIVE_ITEMS
from gongzhi.cases.forms_acts import CaseForm
from gongzhi.cases.forms_fields import FilesField, long_text, matter_options
from gongzhi.cases.models import Case
from gongzhi.cases.models.case import ENDED
from gongzhi.cases.queries import similar
from gongzhi.cases.services import MatterInput
from gongzhi.cases.services.closing import NONE, archived_material
from gongzhi.core.days import local_day

SPLIT_ROWS = range(1, 4)
LONGEST_TITLE = 120
MOST_CANDIDATES = 50


class ArchiveForm(CaseForm):
    """Seven kinds of material: what the case holds already, what is added now, or a tick for none."""

    def prepare(self) -> None:
        self.held = archived_material(self.case)
        for item, name in ARCHIVE_ITEMS.items():
            title = f"{name}（案卷里已有，可再补）" if self.held[item] else name
            self.fields[item] = FilesField(label=title, required=False)
            if not self.held[item]:
                self.fields[f"{item}_none"] = forms.BooleanField(label=f"没有{name}", required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for item, name in ARCHIVE_ITEMS.items():
            if data.get(item) and data.get(f"{item}_none"):
                self.add_error(item, f"传了{name}又勾了“没有”，请去掉一样")
        return data

    def given(self) -> dict[str, Any]:
        items: dict[str, Any] = {}
        for item in ARCHIVE_ITEMS:
            if self.cleaned_data.get(item):
                items[item] = self.cleaned_data[item]
            elif self.cleaned_data.get(f"{item}_none"):
                items[item] = NONE
        return {"items": items}


class SplitForm(CaseForm):
    """Up to three further matters; empty rows count for nothing."""

    reason = long_text("拆分的理由", rows=2)

    def prepare(self) -> None:
        options = matter_options(self.case.place_path, local_day(self.case.received_at))
        for row in SPLIT_ROWS:
            self.fields[f"matter{row}"] = forms.ChoiceField(label=f"拆出事项{row}", choices=options, required=False)
            self.fields[f"title{row}"] = forms.CharField(label="标题", max_length=LONGEST_TITLE, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(data.get(f"matter{row}") for row in SPLIT_ROWS):
            self.add_error("matter1", "请至少选一个要拆出的事项")
        return data

    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        matters = [
            MatterInput(matter=data[f"matter{row}"], title=data[f"title{row}"], text=self.case.text)
            for row in SPLIT_ROWS
            if data[f"matter{row}"]
        ]
        return {"matters": matters, "reason": data["reason"]}


class ChangeMatterForm(CaseForm):
    matter = forms.ChoiceField(label="改成哪个事项", error_messages={"required": "请选择事项"})
    reason = long_text("改的理由")

    def prepare(self) -> None:
        options = matter_options(self.case.place_path, local_day(self.case.received_at))
        self.fields["matter"].choices = options  # type: ignore[attr-defined]


class MergeForm(CaseForm):
    into = forms.ModelChoiceField(
        Case.objects.none(),
        label="并入哪一件",
        empty_label="请选择",
        error_messages={"required": "请选择并入哪一件", "invalid_choice": "请从名单里选"},
    )
    reason = long_text("并件的理由")

    def prepare(self) -> None:
        field = self.fields["into"]
        likely = {one.case.pk: one.because for one in self._likely()}
        rows = earlier_cases(self.case)
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = lambda row: candidate_label(row, likely)  # type: ignore[attr-defined]
        field.help_text = "同一小区、收到更早、还在办的案件；期限从首次收到起算"

    def _likely(self) -> list[Any]:
        if self.case.estate is None:
            return []
        return similar.duplicates(
            self.case.estate,
            [self.case.matter],
            self.case.text,
            now=self.now,
            spot=self.case.spot,
            exclude=self.case.pk,
        )


def candidate_label(row: Case, likely: Mapping[int, str]) -> str:
    because = f"　{likely[row.pk]}" if row.pk in likely else ""
    return f"{row.number}　{row.title}（{row.get_state_display()}）{because}"


def earlier_cases(case: Case) -> Any:
    """Cases at work in the same estate that came earlier: what this one can be joined to."""
    rows = Case.objects.filter(estate=case.estate, received_at__lte=case.received_at, merged_into=None)
    wanted = rows.exclude(pk=case.pk).exclude(state__in=ENDED).order_by("-received_at").values("pk")[:MOST_CANDIDATES]
    return Case.objects.filter(pk__in=wanted).order_by("-received_at")
