"""Evidence: taken in and hashed into the log, handed over against signature, exported to verify offline."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.db import transaction

from gongzhi.cases.enforcement.models import Custody, Evidence
from gongzhi.cases.enforcement.queries.evidence import member_name, shown_to
from gongzhi.cases.enforcement.services.common import CONFLICT_STATUS, not_later, number_for, required
from gongzhi.cases.enforcement.words import DEMO_LOG, EVIDENCE_LOG
from gongzhi.cases.models import Case, Problem
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_moment
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation, StoredFile
from gongzhi.proof import services as proof
from gongzhi.proof.exporting import plain_json
from gongzhi.proof.models import Entry, Log

HOW_TO_VERIFY = (
    "核对：把证据包放在装有Python 3和cryptography库的电脑上（不用联网），取出其中的verify.py，"
    "执行 python verify.py {file}。改动过一个字节都会报“不符”。"
)


def log_of(subject: Case | Problem, *, now: datetime) -> Log:
    """One log an estate: a package then holds what was taken in there and nothing of other estates."""
    name = DEMO_LOG if subject.demo else EVIDENCE_LOG
    return proof.open_log(f"{name}/{subject.estate_id}", now=now, demo=subject.demo)


def _may_add(subject: Case | Problem, actor: Actor) -> None:
    core.require(actor, "problems.handle" if isinstance(subject, Problem) else "cases.handle", subject)


@transaction.atomic
def take_in(
    subject: Case | Problem,
    *,
    file: Any,
    title: str,
    taken_at: datetime,
    taken_where: str,
    actor: Actor,
    now: datetime,
) -> Evidence:
    """The file with what it shows, hashed into the log in the same transaction; the unit that took it in holds it."""
    _may_add(subject, actor)
    if actor.organisation is None:
        raise Refused("no_unit", "由单位收存证据；请用单位的岗位办理。", status=403)
    if not file:
        raise Refused("no_file", "请上传证据。", fields={"file": "请上传证据"})
    title = required(title, "title", "请写明证明什么。")[:120]
    where = required(taken_where, "taken_where", "请填在哪里取得。")[:200]
    not_later(taken_at, now, "taken_at")
    kept = file if isinstance(file, StoredFile) else core.store_file(file, owner=subject.ref, actor=actor, now=now)
    number = number_for("evidence", subject.place_path, core.local_day(now))
    log = log_of(subject, now=now)
    entry = {
        "kind": "evidence.taken_in",
        "number": number,
        "subject": subject.number,
        "at": now.astimezone().isoformat(),
        "sha256": kept.sha256,
        "files": {member_name(number, kept.name): kept.sha256},
    }
    made = proof.append(log, entry, now=now)
    owner = {"problem": subject} if isinstance(subject, Problem) else {"case": subject}
    row = Evidence.objects.create(
        number=number, file=kept, title=title, taken_at=taken_at, taken_where=where, received_at=now,
        entry=Entry.objects.get(pk=made.pk), place_path=subject.place_path, demo=subject.demo, **owner,
    )  # fmt: skip
    if kept is not file:
        # Whoever it is handed to reads the file, whether the case is its own or not.
        kept.owner_kind, kept.owner_id = row.ref.kind, row.ref.id
        kept.save(update_fields=["owner_kind", "owner_id"])
    Custody.objects.create(
        evidence=row, organisation=actor.organisation, handed_at=now, from_at=now, reason="取得", signed_by=actor.user,
        signed_label=actor.label, demo=row.demo,
    )  # fmt: skip
    _tell(row, "taken_in", actor=actor, now=now, sha256=kept.sha256)
    return row


@transaction.atomic
def hand_over(rows: Sequence[Evidence], *, to: Organisation, reason: str, actor: Actor, now: datetime) -> list[Custody]:
    """Offered by who holds it; it stays his until the other one signs."""
    reason = required(reason, "reason", "请写明移交的事由。")
    if not rows:
        raise Refused("no_evidence", "请选要移交的证据。", fields={"evidence": "请选证据"})
    made = []
    for one in rows:
        row = Evidence.objects.select_for_update(of=("self",)).get(pk=one.pk)
        if actor.organisation is None or row.holder != actor.organisation:
            raise Refused("not_holder", f"{row.number}不在你单位保管，不能移交。", status=403)
        if row.custody.filter(from_at=None).exists():
            raise Refused("offered", f"{row.number}已经移交，等对方签收。", status=CONFLICT_STATUS)
        if to == actor.organisation:
            raise Refused("same_unit", "不用移交给自己的单位。", fields={"to": "请选别的单位"})
        made.append(
            Custody.objects.create(
                evidence=row,
                organisation=to,
                handed_by=actor.organisation,
                handed_label=actor.label,
                handed_at=now,
                reason=reason[:200],
                demo=row.demo,
            )  # fmt: skip
        )
        _tell(row, "handed_over", actor=actor, now=now, to=to.role, to_organisation=to.pk)
    core.notify(
        to=to, template="evidence.offered", text=f"{actor.organisation}移交证据{len(made)}件，请核对后签收。",
        ref=rows[0].subject.ref, now=now,
    )  # fmt: skip
    return made


@transaction.atomic
def sign_for(rows: Sequence[Evidence], *, actor: Actor, now: datetime) -> list[Custody]:
    """Taken over: from now on this unit holds it."""
    signed = []
    for one in rows:
        offered = (
            Custody.objects.select_for_update(of=("self",))
            .filter(evidence=one, from_at=None, organisation=actor.organisation)
            .first()
        )
        if offered is None:
            raise Refused("not_offered", f"{one.number}没有移交给你单位，不用签收。", status=403)
        Custody.objects.filter(evidence=one, to_at=None).exclude(pk=offered.pk).exclude(from_at=None).update(to_at=now)
        offered.from_at, offered.signed_by, offered.signed_label = now, actor.user, actor.label
        offered.save()
        _tell(one, "signed_for", actor=actor, now=now)
        signed.append(offered)
    if not signed:
        raise Refused("no_evidence", "没有移交给你单位的证据。")
    return signed


def package(subject: Case | Problem, *, actor: Actor, now: datetime) -> bytes:
    """A zip with the files, the list of who held them (to read, and for programs), the log with its proofs and the
    program that verifies it."""
    rows = list(shown_to(subject, actor))
    if not rows:
        raise Refused("no_evidence", "这件没有收存的证据，没有可以导出的。")
    members = {member_name(one.number, one.file.name): _bytes(one.file) for one in rows}
    lines = [_line(one) for one in rows]
    members |= {"custody.json": plain_json(lines), "custody.txt": _to_read(subject, lines, now=now)}
    with transaction.atomic():
        core.record(
            "evidence.exported", subject=subject.ref, actor=actor, at=now, place_path=subject.place_path,
            data={"subject": subject.number, "files": len(rows), "by": actor.role or None},
        )  # fmt: skip
        at = proof.checkpoint(log_of(subject, now=now), now=now)
    if at is None:
        raise Refused("log_empty", "存证日志还是空的，请稍后再导出。")
    return proof.export(at, members=members, now=now)


def _bytes(file: StoredFile) -> bytes:
    with core.open_file(file) as stream:
        content = stream.read()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise Refused("file_changed", f"{file.name}与收存时不一致，不能导出。请报告系统管理员。")
    return content


def _line(row: Evidence) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.title,
        "file": member_name(row.number, row.file.name),
        "name": PurePath(row.file.name).name,
        "sha256": row.file.sha256,
        "leaf": bytes(row.entry.leaf_hash).hex(),
        "taken_at": row.taken_at.isoformat(),
        "taken_where": row.taken_where,
        "received_at": row.received_at.isoformat(),
        "custody": [
            {
                "unit": one.organisation.name,
                "from": one.from_at.isoformat() if one.from_at else None,
                "to": one.to_at.isoformat() if one.to_at else None,
                "handed_by": one.handed_by.name if one.handed_by else None,
                "reason": one.reason,
            }
            for one in row.custody.select_related("organisation", "handed_by")
        ],
    }


def _to_read(subject: Case | Problem, lines: Sequence[dict[str, Any]], *, now: datetime) -> bytes:
    """The same list for people."""

    def moment(text: str | None) -> str:
        return cn_moment(datetime.fromisoformat(text)) if text else "待签收"

    found = [f"{subject.number}的证据，共{len(lines)}件。{cn_moment(now)}导出。"]
    for one in lines:
        found += [
            "", f"{one['number']} {one['title']}", f"文件：{one['file']}（原名{one['name']}）",
            f"取得：{moment(one['taken_at'])}，{one['taken_where']}", f"收存：{moment(one['received_at'])}",
            f"摘要（SHA-256）：{one['sha256']}", "保管：",
        ]  # fmt: skip
        for held in one["custody"]:
            until = f"至{moment(held['to'])}" if held["to"] else ""
            giver = f"，{held['handed_by']}移交" if held["handed_by"] else ""
            found.append(f"　{held['unit']}，{moment(held['from'])}{until}，{held['reason']}{giver}")
    found += ["", HOW_TO_VERIFY.format(file=package_name(subject)), ""]
    return "\ufeff".encode() + "\r\n".join(found).encode()


def package_name(subject: Case | Problem) -> str:
    return f"evidence-{subject.number}.zip"


def _tell(row: Evidence, event: str, *, actor: Actor, now: datetime, **data: Any) -> None:
    core.record(
        f"evidence.{event}", subject=row.ref, actor=actor, at=now, place_path=row.place_path,
        data={"number": row.number, "subject": row.subject.number, "by": actor.role or None, **data},
    )  # fmt: skip
