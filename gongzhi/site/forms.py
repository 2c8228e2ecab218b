"""Forms of the platform's own doors."""

from django import forms


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


class CodeForm(forms.Form):
    code = forms.CharField(
        label="验证码",
        max_length=20,
        error_messages={"required": "请填验证码"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autocapitalize": "none"}),
    )
