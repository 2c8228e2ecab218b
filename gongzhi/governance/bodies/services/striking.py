"""What was entered of a body by mistake: a member who never was one, a side that is there or is not."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import ForeignObjectRel

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.bodies.models import Body, Member
from gongzhi.governance.bodies.queries.bodies import elected, members_on
from gongzhi.governance.bodies.queries.composition import findings_of, stored
from gongzhi.governance.bodies.services.common import DAY, bump, lock, of_body, words
from gongzhi.governance.bodies.services.sitting import require_open
from gongzhi.governance.bodies.words import SIDES
from gongzhi.registry.models import Estate


@transaction.atomic
def strike_member(
    body: Body, *, member: Member, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> Member:
    """Never was a member: counts on no day, and whom he took the place of sits on. Not for whom the owners elected."""
    core.require(actor, "body.seat", body)
    body = lock(body, version=version)
    require_open(body)
    member = Member.objects.select_for_update(of=("self",)).select_related("replaces").get(pk=member.pk, body=body)
    on = core.local_day(now)
    if member.struck_on is not None:
        raise Refused("member_struck", "这条登记已经划去。")
    _refuse_bound(body, member)
    member.struck_on, member.struck_why = on, words(reason, "reason", "划去的原因")[:200]
    member.save(update_fields=["struck_on", "struck_why"])
    before = member.replaces
    if before is not None and member.to_on is None and before.to_on == member.from_on - DAY:
        before.to_on, before.end_note = None, ""
        before.save(update_fields=["to_on", "end_note"])
    body.basis = stored(findings_of(body, on))
    bump(body, "basis")
    core.record(
        "body.member_struck",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, seat=member.ref.key, from_on=member.from_on, reason=member.struck_why),
    )
    return member


def _refuse_bound(body: Body, member: Member) -> None:
    """Whoever was elected, or has been dealt with as a member, is no slip of the pen."""
    if elected(body):
        raise Refused("member_elected", "这一届委员由业主选举产生，不能划去。不再任职的登记离任，罢免由业主大会决定。")
    if Member.objects.filter(replaces=member, struck_on=None).exists():
        raise Refused("member_replaced", "已经登记了接替他的人，请先划去接替的那一条。")
    for one in Member._meta.get_fields(include_hidden=True):
        if not isinstance(one, ForeignObjectRel) or one.related_model is Member:
            continue
        if one.related_model._default_manager.filter(**{one.field.name: member}).exists():
            what = one.related_model._meta.verbose_name
            raise Refused("member_bound", f"这名成员已有{what}的记录，不是单纯错登，不能划去。请登记离任。")


@transaction.atomic
def correct_sides(
    body: Body, *, absent: Iterable[str], reason: str, actor: Actor, now: datetime, version: int | None = None
) -> Body:
    """Which of the sides that the document names there are none of in the estate, as it should have been entered."""
    core.require(actor, "body.register", body)
    body = lock(body, version=version)
    require_open(body)
    if not isinstance(body.estate, Estate):
        raise Refused("sides_of_estate", "只有小区的组织登记不存在的一方。")
    on = core.local_day(now)
    named = [one for one in SIDES if one in set(absent)]
    here = {one.side for one in members_on(body, on, seat=None) if one.person_id or one.unit_name}
    both = [SIDES[one] for one in named if one in here]
    if both:
        raise Refused(
            "side_has_members",
            f"{'、'.join(both)}已有成员在任，不能写不存在。成员登记错的，先划去；已经离开的，先登记离任。",
            fields={"absent_sides": f"{'、'.join(both)}有成员"},
        )
    if named == sorted(body.absent_sides, key=list(SIDES).index):
        raise Refused("sides_same", "和原来登记的一样，没有要更正的。", fields={"absent_sides": "没有变化"})
    why = words(reason, "reason", "更正的原因")[:200]
    body.absent_sides = named
    body.basis = stored(findings_of(body, on))
    bump(body, "absent_sides", "basis")
    core.record(
        "body.sides_corrected",
        subject=body.ref,
        actor=actor,
        at=now,
        place_path=body.place_path,
        data=of_body(body, absent=named, reason=why),
    )
    return body
