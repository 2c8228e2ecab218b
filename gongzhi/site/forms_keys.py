"""What is typed about keys and event deliveries."""

from datetime import date, timedelta
from typing import Any

from django import forms

from gongzhi.core.forms import RefusalForm, VersionedForm
from gongzhi.core.models import Post
from gongzhi.core.scopes import SCOPES
from gongzhi.core.tokens import LONGEST_NAME
from gongzhi.core.webhooks import LONGEST_URL

USUAL_DAYS, MOST_DAYS = 180, 365
LONGEST_REASON = 200


class PostField(forms.ModelChoiceField):
    def __init__(self, **given: Any) -> None:
        errors = {"required": "请选岗位", "invalid_choice": "请从名单里选"}
        super().__init__(Post.objects.none(), empty_label="请选岗位", error_messages=errors, **given)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user}（{obj}）"


class TokenForm(RefusalForm, forms.Form):
    post = PostField(label="哪个岗位用", help_text="令牌能看能办的，与这个岗位完全一样")
    name = forms.CharField(
        label="给哪个系统用", max_length=LONGEST_NAME, error_messages={"required": "请写明给哪个系统用"}
    )
    scopes = forms.MultipleChoiceField(
        label="范围",
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="只选用得着的",
        error_messages={"required": "请至少选一个范围"},
    )
    expires_on = forms.DateField(
        label="用到哪一天",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="最长一年，到期换新的",
        error_messages={"required": "请填日期", "invalid": "日期写成 2026-04-01 这样"},
    )

    def __init__(self, *args: Any, posts: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].queryset = posts  # type: ignore[attr-defined]
        self.fields["expires_on"].initial = today + timedelta(days=USUAL_DAYS)


class ReasonForm(VersionedForm):
    reason = forms.CharField(
        label="收回的原因", max_length=LONGEST_REASON, error_messages={"required": "请写明为什么收回"}
    )


class HookForm(RefusalForm, forms.Form):
    post = PostField(label="按哪个岗位的权限推", help_text="这个岗位能看的才推")
    name = forms.CharField(label="推给哪个系统", max_length=LONGEST_NAME, error_messages={"required": "请填名称"})
    url = forms.CharField(
        label="网址",
        max_length=LONGEST_URL,
        help_text="https 开头；不能是内部网络的",
        error_messages={"required": "请填网址"},
    )
    kinds = forms.CharField(
        label="哪些事件",
        help_text="一行一个，例如 case.opened；case.* 是所有案件事件",
        widget=forms.Textarea(attrs={"rows": 4, "class": "gz-code"}),
        error_messages={"required": "请填事件"},
    )

    def __init__(self, *args: Any, posts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].queryset = posts  # type: ignore[attr-defined]

    def clean_kinds(self) -> list[str]:
        return self.cleaned_data["kinds"].replace("，", " ").replace(",", " ").split()


class EndForm(VersionedForm):
    """Nothing to fill in."""
