"""Uploading a file, and saying what its columns and words mean."""

from collections.abc import Sequence
from typing import Any

from django import forms

from gongzhi.cases.forms_fields import matter_options
from gongzhi.cases.forms_public import estate_label, matching_estates
from gongzhi.cases.hotline.columns import COLUMNS, columns_in
from gongzhi.cases.hotline.models import HotlineSource
from gongzhi.core.forms import RefusalForm, VersionedForm
from gongzhi.registry.models import Estate

MOST_WORDS = 60


class UploadForm(RefusalForm, forms.Form):
    source = forms.ModelChoiceField(
        label="来源", queryset=HotlineSource.objects.none(), empty_label="请选热线来源",
        error_messages={"required": "请选热线来源"},
    )  # fmt: skip
    file = forms.FileField(
        label="工单文件", help_text="CSV或JSON。Excel请另存为“CSV UTF-8”",
        error_messages={"required": "请选择文件", "empty": "文件是空的"},
    )  # fmt: skip

    def __init__(self, *args: Any, sources: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = sources  # type: ignore[attr-defined]


class NameForm(RefusalForm, forms.Form):
    name = forms.CharField(label="来源名称", max_length=60, help_text="例如：12345政务服务便民热线")


class SourceForm(VersionedForm):
    address = forms.URLField(
        label="回传地址", required=False, assume_scheme="https", max_length=300,
        help_text="答复有变化时向这个地址提交；不填就只用文件回传",
    )  # fmt: skip
    secret = forms.CharField(
        label="签名密钥", required=False, max_length=200, widget=forms.PasswordInput,
        help_text="填了就替换原来的；不填不变。用来证明答复是本平台发出的",
    )  # fmt: skip


class MappingForm(VersionedForm):
    """One choice of a column of the file for each thing a ticket holds."""

    def __init__(self, *args: Any, headers: Sequence[str], mapping: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = columns_in(mapping, headers)
        options = [("", "文件里没有"), *((header, header) for header in headers if header)]
        for one in COLUMNS:
            self.fields[f"c_{one.code}"] = forms.ChoiceField(
                label=one.title, choices=options, required=one.required,
                initial=found.get(one.code, ""),
                error_messages={"required": "请选文件里是哪一栏"},
            )  # fmt: skip

    def mapping(self) -> dict[str, str]:
        return {one.code: self.cleaned_data[f"c_{one.code}"] for one in COLUMNS if self.cleaned_data[f"c_{one.code}"]}

    def columns(self) -> list[Any]:
        return [self[f"c_{one.code}"] for one in COLUMNS]

    def add_refusal(self, refused: Any) -> None:
        refused.fields = {f"c_{name}": words for name, words in refused.fields.items()}
        super().add_refusal(refused)


class WordsForm(VersionedForm):
    """One choice for each word of the file that is neither a matter nor an estate of ours; left empty it stays open."""

    def __init__(
        self, *args: Any, matters: Sequence[str], estates: Sequence[str], place_path: str, on: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.place_path = place_path
        self.words = {
            **{f"m_{index}": word for index, word in enumerate(matters[:MOST_WORDS])},
            **{f"e_{index}": word for index, word in enumerate(estates[:MOST_WORDS])},
        }
        options = matter_options(place_path, on)
        for name, word in self.words.items():
            if name.startswith("m_"):
                self.fields[name] = forms.ChoiceField(label=f"事项“{word}”", choices=options, required=False)
            else:
                self.fields[name] = forms.CharField(
                    label=f"小区“{word}”", required=False, max_length=120,
                    widget=forms.TextInput(attrs={"list": "estates", "autocomplete": "off"}),
                )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.words:
            if name.startswith("e_") and cleaned.get(name):
                found = matching_estates(cleaned[name], place_path=self.place_path)
                exact = cleaned[name].strip() in {text for one in found for text in (one.name, estate_label(one))}
                if len(found) == 1 and exact:
                    cleaned[name] = found[0]
                else:
                    self.add_error(name, "辖区里没有这个小区，或者不止一个，请从名单里选")
        return cleaned

    def asked(self) -> list[Any]:
        return [self[name] for name in self.words]

    def said(self) -> dict[str, dict[str, Any]]:
        given = {name: self.cleaned_data[name] for name in self.words if self.cleaned_data.get(name)}
        return {
            "matter_words": {self.words[name]: value for name, value in given.items() if name.startswith("m_")},
            "estate_words": {
                self.words[name]: value.pk for name, value in given.items() if isinstance(value, Estate)
            },
        }  # fmt: skip


class ImportForm(RefusalForm, forms.Form):
    leave_out = forms.BooleanField(label="只导入没有问题的行，有问题的以后再说", required=False)


def estate_options(place_path: str, most: int) -> list[str]:
    rows = Estate.objects.within(place_path).filter(ended_on=None).select_related("community").order_by("name")
    return [estate_label(one) for one in rows[:most]]
