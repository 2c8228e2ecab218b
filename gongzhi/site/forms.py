"""Forms of the platform's own doors."""

from django import forms

from gongzhi.core.forms import RefusalForm


class SignInForm(forms.Form):
    username = forms.CharField(
        label="账号",
        max_length=60,
        error_messages={"required": "请填账号"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="口令",
        max_length=128,
        strip=False,
        error_messages={"required": "请填口令"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class OwnPasswordForm(RefusalForm, forms.Form):
    old = forms.CharField(
        label="现在的口令",
        max_length=128,
        strip=False,
        error_messages={"required": "请填现在的口令"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新口令",
        max_length=128,
        strip=False,
        help_text="至少8位，不能全是数字，不能与账号、姓名相近",
        error_messages={"required": "请填新口令"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再填一遍新口令",
        max_length=128,
        strip=False,
        error_messages={"required": "请再填一遍"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new", again):
            raise forms.ValidationError("两次填的不一样")
        return again


class CodeForm(forms.Form):
    code = forms.CharField(
        label="验证码",
        max_length=20,
        error_messages={"required": "请填验证码"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autocapitalize": "none"}),
    )
