"""Whose signatures a sheet needs, and which of them are there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from gongzhi.cases.accountability.models import Sheet
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import role_name
from gongzhi.core.errors import Refused
from gongzhi.policy import Answer, Pack


@dataclass(frozen=True)
class Signers:
    """Everyone of `all_of`, and one of `one_of`."""

    all_of: tuple[str, ...]
    one_of: tuple[str, ...]
    clauses: tuple[str, ...]
    pack: Pack | None
    answer: Answer

    @property
    def named(self) -> tuple[str, ...]:
        return (*self.all_of, *self.one_of)

    @property
    def words(self) -> str:
        parts = [self._names(self.all_of, "、"), self._names(self.one_of, "或")]
        return "和".join(part for part in parts if part)

    def missing(self, sheet: Sheet) -> str:
        """The names of those who have not signed; empty when nobody is missing."""
        signed = {one.role for one in sheet.signatures.all()}
        parts = [self._names((one for one in self.all_of if one not in signed), "、")]
        if self.one_of and not signed & set(self.one_of):
            parts.append(self._names(self.one_of, "或"))
        return "和".join(part for part in parts if part)

    def _names(self, roles: Iterable[str], joint: str) -> str:
        return joint.join(role_name(role, self.pack) for role in roles)


def wanted(sheet: Sheet, *, on: date) -> Signers:
    answer = core.ask("cases.sheet_signatures", {"kind": sheet.kind}, place_path=sheet.place_path, on=on)
    if not answer.ok or not answer.value:
        raise Refused(
            "no_rule", "现行文件没有规定由谁签发，不能下发。请在政策包里补上“交办单、督查通报要谁签了才能下发”。"
        )
    return Signers(
        all_of=tuple(answer.value.get("all_of") or ()),
        one_of=tuple(answer.value.get("one_of") or ()),
        clauses=tuple(answer.clauses),
        pack=core.pack_for(sheet.place_path, on),
        answer=answer,
    )


def sheets_for(actor: Actor) -> QuerySet[Sheet]:
    """All of the place for those who draft and sign; for others what names their unit, once sent."""
    rows = Sheet.objects.select_related("office", "document").prefetch_related("signatures", "items__unit")
    seen = Q(pk=None)
    if actor.organisation is not None and core.may(actor, "accountability.read_sheets", actor.organisation):
        seen |= Q(place_path__startswith=actor.place_path)
    if actor.organisation is not None:
        seen |= Q(sent_at__isnull=False, pk__in=actor_sheets(actor))
    return rows.filter(seen).order_by("-drafted_at", "-pk")


def actor_sheets(actor: Actor) -> QuerySet[Sheet]:
    return Sheet.objects.filter(items__unit=actor.organisation).values("pk")  # type: ignore[return-value]
