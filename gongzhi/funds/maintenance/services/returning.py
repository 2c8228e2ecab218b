"""A use of the fund outside its steps: sent up again after it came back, taken back, urged on."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import StoredFile
from gongzhi.funds.common.queries import OfEstate
from gongzhi.funds.maintenance.models import FundPaper, FundUse
from gongzhi.funds.maintenance.queries import OfUse, applicants, next_step
from gongzhi.funds.maintenance.services.common import tell_use
from gongzhi.registry.models import Estate

CONFLICT_STATUS = 409
WITHDRAWABLE = ("running", "returned")


@transaction.atomic
def resubmit(
    use: FundUse,
    *,
    note: str = "",
    papers: Sequence[tuple[str, StoredFile]] = (),
    version: int | None,
    actor: Actor,
    now: datetime,
) -> FundUse:
    """After it was sent back: the step that said no is asked again, with what was put right. Its clock begins anew."""
    row = FundUse.objects.select_for_update(of=("self",)).select_related("estate").get(pk=use.pk)
    core.check_version(row, version)
    core.require(actor, "fund.use_prepare", OfUse(row, core.local_day(now)))
    if row.state != "returned":
        raise Refused("use_state", "没有被退回，不用重新提交。", status=CONFLICT_STATUS)
    row.state, row.version = "running", row.version + 1
    row.save(update_fields=["state", "version"])
    FundPaper.objects.bulk_create(FundPaper(use=row, item=item, file=file, at=now) for item, file in papers)
    before = row.steps[: row.steps.index(str(next_step(row)))]
    last = before[-1] if before else None
    if last is None:
        tell_use(row, kind="fund.use_proposed", actor=actor, now=now)
    elif last == "apply":
        count = row.papers.filter(step="apply").count() + len(papers)
        tell_use(row, kind="fund.use_applied", actor=actor, now=now, materials=count)
    else:
        given = {"step": last, "note": note.strip() or None, "materials": len(papers)}
        tell_use(row, kind="fund.use_resubmitted", actor=actor, now=now, **given)
    return row


@transaction.atomic
def withdraw_use(use: FundUse, *, reason: str, version: int | None, actor: Actor, now: datetime) -> FundUse:
    """撤回 of a use of which nothing was paid yet, frozen or not. Refuses `use_state`, `use_paid`, `note_missing`."""
    row = FundUse.objects.select_for_update(of=("self",)).select_related("estate").get(pk=use.pk)
    core.check_version(row, version)
    core.require(actor, "fund.use_prepare", OfUse(row, core.local_day(now)))
    if row.state not in WITHDRAWABLE:
        raise Refused("use_state", f"这一项现在是“{row.get_state_display()}”，不能撤回。", status=CONFLICT_STATUS)
    if row.payments.exists():
        raise Refused("use_paid", "已经拨付过，不能撤回。请按步骤办完验收、审计和结算。", status=CONFLICT_STATUS)
    if not reason.strip():
        raise Refused("note_missing", "撤回要写明理由。", fields={"reason": "请写理由"})
    row.state, row.closed_at, row.withdrawn_reason, row.version = "withdrawn", now, reason.strip(), row.version + 1
    row.save()
    tell_use(row, kind="fund.use_withdrawn", actor=actor, now=now, reason=row.withdrawn_reason)
    return row


@transaction.atomic
def urge(use_or_estate: FundUse | Estate, *, reason: str, actor: Actor, now: datetime) -> None:
    """督办: an estate that ought to apply, or a use whose works have not begun."""
    estate = use_or_estate if isinstance(use_or_estate, Estate) else use_or_estate.estate
    core.require(actor, "fund.urge", OfEstate(estate, core.local_day(now)))
    if not reason.strip():
        raise Refused("reason_missing", "请写督办事由。", fields={"reason": "请写事由"})
    if isinstance(use_or_estate, FundUse):
        tell_use(use_or_estate, kind="fund.use_urged", actor=actor, now=now, reason=reason.strip())
        return
    roles = applicants(estate, core.local_day(now))
    core.record(
        "fund.urged",
        subject=estate.place.ref,
        actor=actor,
        at=now,
        place_path=estate.place_path,
        data={"reason": reason.strip(), "applicant": roles[0] if roles else None},
    )
