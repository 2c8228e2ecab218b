"""The papers that the sides sign: the application, the agreement, the application for its confirmation by the court."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.models import Document, Organisation
from gongzhi.mediation.models import MediationFile, MediationParty, SettlementAgreement
from gongzhi.mediation.offices import oversight
from gongzhi.mediation.words import SIDES
from gongzhi.registry.queries.known import organisation_for

APPLICATION, AGREEMENT, CONFIRMATION = "mediation_application", "mediation_agreement", "judicial_confirmation"
# Found by an office, handed over by a court or begun from a complaint: nobody applied in writing.
APPLIED = ("applied", "arrears")
FEN = 100


def application_paper(file: MediationFile, *, actor: Actor, now: datetime) -> Document | None:
    """调解申请书, kept with the body that takes it; None where nobody applied."""
    if file.source not in APPLIED:
        return None
    sides = _sides(file)
    heavy = [
        ("涉及户数", f"{file.households}户" if file.households else ""),
        ("涉及金额", f"{file.amount_fen / FEN:,.2f}元" if file.amount_fen else ""),
        ("案件编号", file.number),
    ]
    values = {
        "fields": _fields([*sides, ("小区", file.estate.name), *heavy]),
        "signatures": _hands(file, side="applicant"),
    }
    return _issued(file, APPLICATION, values, actor=actor, now=now)


def agreement_paper(made: SettlementAgreement, *, actor: Actor, now: datetime) -> Document:
    """调解协议书, served on the organisations that are sides of it."""
    file, stage = made.file, made.stage
    mediators = "、".join(str(one) for one in stage.mediators.select_related("member__person"))
    rows = [*_sides(file), ("小区", file.estate.name), ("纠纷类别", matter_of(file, made.agreed_on))]
    hands = [*_hands(file), {"name": "调解员", "signed": ""}, {"name": f"{stage.organisation}（盖章）", "signed": ""}]
    values = {
        **_terms(made),
        "fields": _fields([*rows, ("调解员", mediators), ("案件编号", file.number)]),
        "signatures": hands,
    }
    to = [one.organisation for one in file.parties.select_related("organisation") if one.organisation]
    return _issued(file, AGREEMENT, values, to=to, actor=actor, now=now)


def confirmation_paper(made: SettlementAgreement, *, actor: Actor, now: datetime) -> Document:
    """司法确认申请书 of all sides together, served on the court that the document of the place names."""
    file, on = made.file, core.local_day(now)
    named, _ = oversight(file.place_path, on)
    role = named.get("court") or "court"
    court = organisation_for(role, file.place_path, estate=file.estate)
    applicant = SIDES["applicant"]
    sides = [(applicant, words) for _, words in _sides(file)]
    values = {
        **_terms(made),
        "agreed_on": cn_date(made.agreed_on),
        "agreement": made.document.number if made.document is not None else file.number,
        "addressee": core.role_name(role, place_path=file.place_path, on=on),
        "fields": _fields([*sides, ("小区", file.estate.name), ("案件编号", file.number)]),
        "signatures": _hands(file, title=applicant),
    }
    return _issued(file, CONFIRMATION, values, to=[court] if court else [], actor=actor, now=now)


def _issued(
    file: MediationFile,
    instrument: str,
    values: dict[str, Any],
    *,
    to: Sequence[Organisation] = (),
    actor: Actor,
    now: datetime,
) -> Document:
    shown = {"estate": file.estate.name, "matter": matter_of(file, core.local_day(now)), "dispute": file.text, **values}
    return core.issue_document(
        instrument,
        subject=file.ref,
        to=to,
        values=shown,
        issuer=file.stage.organisation,
        place_path=file.place_path,
        actor=actor,
        now=now,
    )


def matter_of(file: MediationFile, on: date) -> str:
    pack = core.pack_for(file.place_path, on)
    return pack.matter_name(file.matter) if pack is not None else file.matter


def _terms(made: SettlementAgreement) -> dict[str, str]:
    by = made.perform_by
    until = f"上述内容于{cn_date(by)}前履行。" if by else "上述内容自签字之日起履行。"
    return {"terms": made.terms, "perform": until}


def _sides(file: MediationFile) -> list[tuple[str, str]]:
    """(which side, who): in full, for the paper is theirs; the phone stays masked."""
    rows = file.parties.select_related("organisation", "person", "unit").order_by("side", "pk")
    return [(one.get_side_display(), _who(one)) for one in rows]


def _who(party: MediationParty) -> str:
    words = [f"{_name(party)}（{party.get_kind_display()}）"]
    if party.unit is not None:
        words.append(str(party.unit))
    if party.person is not None and party.person.masked_phone:
        words.append(f"电话{party.person.masked_phone}")
    return "，".join(words)


def _name(party: MediationParty) -> str:
    return core.opened(party.person, "name") if party.person is not None else str(party.organisation)


def _hands(file: MediationFile, *, side: str = "", title: str = "") -> list[dict[str, str]]:
    """A place for each hand; `side` one side alone, `title` what all are in this paper."""
    rows = file.parties.select_related("organisation", "person").order_by("side", "pk")
    wanted = [one for one in rows if not side or one.side == side]
    return [{"name": f"{title or one.get_side_display()}　{_name(one)}", "signed": ""} for one in wanted]


def _fields(rows: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in rows if value]
