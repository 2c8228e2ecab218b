"""The written notice of dissuasion: issued with a number, told on where wanted, handed over or posted."""

from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.cases.enforcement.models import DissuasionNotice
from gongzhi.cases.enforcement.services.common import CONFLICT_STATUS, not_later, required, stored
from gongzhi.cases.enforcement.words import NOTICE, SIGNINGS
from gongzhi.cases.models import Problem
from gongzhi.cases.queries.reporting import reporting_rule
from gongzhi.cases.services.problems import check_clue, enter_line, locked_line
from gongzhi.cases.services.reporting import report_problem
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.display import cn_date
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation


@transaction.atomic
def issue_notice(
    problem: Problem,
    *,
    addressee: str,
    demand: str,
    to: Organisation | None = None,
    actor: Actor,
    now: datetime,
) -> DissuasionNotice:
    """劝阻告知书. `to`: whom it is reported to in the same act, where the document wants that."""
    row = locked_line(problem, "problems.handle", actor)
    on = core.local_day(now)
    if actor.organisation != row.keeper:
        raise Refused("not_keeper", f"劝阻告知书由登记这件事的{row.keeper}出具。", status=403)
    if not row.violation:
        raise Refused("not_violation", "违法行为才出具劝阻告知书。")
    addressee = required(addressee, "addressee", "请填当事人的房号或摊位。")
    demand = required(demand, "demand", "请写明要求。")
    rule, clauses = reporting_rule(row, on=on)
    if rule.get("with_notice") and to is None and row.reported_up_at is None:
        raise Refused(
            "not_reported", "出具劝阻告知书要同时上报，请选上报给谁。", clause=clauses, fields={"to": "请选上报给谁"}
        )
    if row.stopped_at is None:
        row.stopped_at, row.stopped_how = now, "书面劝阻"
        check_clue(row, on)
    document = core.issue_document(
        NOTICE,
        subject=row.ref,
        to=[],
        values={
            "addressee": addressee,
            "demand": demand.rstrip("。"),
            "estate": row.estate.name,
            "location": row.spot,
            "text": row.text.rstrip("。"),
            "date": cn_date(core.local_day(row.found_at)),
        },
        issuer=row.keeper,
        place_path=row.place_path,
        actor=actor,
        now=now,
    )
    made = DissuasionNotice.objects.create(
        problem=row, document=document, addressee=addressee[:100], demand=demand[:300], issued_at=now, demo=row.demo
    )
    enter_line(
        row, kind="noticed", title=f"出具劝阻告知书{document.number}", actor=actor, now=now, document=document.number
    )
    if to is not None and row.reported_up_at is None:
        report_problem(row, reason="stop_ineffective", to=to, actor=actor, now=now)
    return made


@transaction.atomic
def serve_notice(
    notice: DissuasionNotice,
    *,
    signing: str,
    at: datetime,
    witness: str = "",
    photo: Any = None,
    actor: Actor,
    now: datetime,
) -> DissuasionNotice:
    """Signed for, or refused, or left where nobody was: the last two with a photo and a witness."""
    row = DissuasionNotice.objects.select_for_update(of=("self",)).select_related("problem").get(pk=notice.pk)
    core.require(actor, "problems.handle", row.problem)
    if row.signing:
        raise Refused("served", "这份告知书已经登记送达。", status=CONFLICT_STATUS)
    if signing not in SIGNINGS:
        raise Refused("signing", "请选怎样送达的。", fields={"signing": "请选一种"})
    not_later(at, now)
    if at.replace(second=0, microsecond=0) < row.issued_at.replace(second=0, microsecond=0):
        raise Refused("before_issue", "送达时间不能早于出具时间。", fields={"at": "不早于出具时间"})
    if signing != "signed" and (not photo or not witness.strip()):
        lacking = {"photo": "请上传照片"} if not photo else {}
        lacking |= {"witness": "请填见证人"} if not witness.strip() else {}
        raise Refused("no_witness", "拒绝签收、留置的，要有照片和见证人。", fields=lacking)
    row.signing, row.signed_at, row.witness = signing, at, witness.strip()[:60]
    row.photo = stored(photo, owner=row.problem.ref, actor=actor, now=now)
    row.save()
    number = row.document.number
    enter_line(
        row.problem,
        kind="notice_served",
        title=f"{SIGNINGS[signing]}{number}",
        actor=actor,
        now=now,
        document=number,
        signing=signing,
    )
    return row
