"""Forms that can show what a command refused."""

from typing import TYPE_CHECKING, Any

from django import forms

from gongzhi.core.errors import Refused

if TYPE_CHECKING:
    _Base = forms.Form
else:
    _Base = object


class RefusalForm(_Base):
    """Mixin: `form.add_refusal(refused)` puts each sentence beside its field, and the rest at the top."""

    refused: Refused | None = None

    def add_refusal(self, refused: Refused) -> None:
        self.refused = refused
        placed = False
        for name, sentence in refused.fields.items():
            if name in self.fields:
                self.add_error(name, sentence)
                placed = True
        if not placed or refused.message not in refused.fields.values():
            self.add_error(None, refused.message)


class VersionedForm(RefusalForm, forms.Form):
    """A form over a row that others may change: it carries the version it shows."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if version is not None:
            self.fields["version"].initial = version
