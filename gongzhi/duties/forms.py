"""What a clerk types about a duty. Whether it may be done is for the services to say."""

from collections.abc import Sequence
from typing import Any

from django import forms

from gongzhi.core.forms import VersionedForm
from gongzhi.core.models import User

LONGEST_REASON = 1000
LONGEST_TITLE = 200
LONGEST_PERIOD_DAYS = 365


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; each is checked when it is stored."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given]


class FulfilForm(VersionedForm):
    note = forms.CharField(
        label="办理结果",
        help_text="写明办了什么、结果怎样。没有文字说明的，要上传附件。",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_REASON,
        required=False,
    )
    papers = FilesField(label="凭据", help_text="照片、扫描件，可选多个。", required=False)


class ReasonForm(VersionedForm):
    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 4}), max_length=LONGEST_REASON)


class AskForm(ReasonForm):
    days = forms.IntegerField(
        label="申请几日",
        help_text="规则写明延长多久的，按规则，不用填。",
        min_value=1,
        max_value=LONGEST_PERIOD_DAYS,
        required=False,
    )


class ResumeForm(VersionedForm):
    pass


class DecideForm(VersionedForm):
    approve = forms.ChoiceField(
        label="是否同意延期", choices=[("yes", "同意"), ("no", "不同意")], widget=forms.RadioSelect
    )
    days = forms.IntegerField(
        label="延长几日",
        help_text="规则写明延长多久的，按规则，不用填。",
        min_value=1,
        max_value=LONGEST_PERIOD_DAYS,
        required=False,
    )
    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST_REASON)


class HandOutForm(VersionedForm):
    to = forms.ModelChoiceField(label="分派给", queryset=User.objects.none(), empty_label="请选本单位的人")

    def __init__(self, *args: Any, colleagues: Sequence[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (tells the type checker)
        field.queryset = User.objects.filter(pk__in=[user.pk for user in colleagues])
