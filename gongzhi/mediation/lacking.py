"""What the desk names of joint conferences: disputes that wait for one, for a measure, for a conclusion."""

from datetime import date

from django.urls import reverse

from gongzhi.core.actors import Actor
from gongzhi.duties.lacks import Lack
from gongzhi.mediation.models import ConferenceTopic
from gongzhi.mediation.offices import conference, offices_of


def topics_waiting(actor: Actor, on: date) -> list[Lack]:
    """For who holds the conferences of a place and for who is above."""
    if not actor.place_path or not offices_of(actor, actor.place_path, on) & {"conference_holder", "conference_above"}:
        return []
    clauses, listing = conference(actor.place_path, on)[1], reverse("mediation:conferences")
    rows = ConferenceTopic.objects.filter(carried=False, conclusion="")
    raised = rows.filter(raised_to=actor.organisation).count()
    own = rows.filter(holder=actor.organisation, raised_to=None).exclude(file__state="closed")
    waiting, bare = own.filter(conference=None).count(), own.filter(conference__isnull=False, measure="")
    last = bare.order_by("-conference__held_on", "-pk").values_list("conference", flat=True).first()
    found = []
    if raised:
        found.append(Lack("登记会议结论", f"{raised}件上报来的纠纷等本单位的结论。", listing, clauses))
    if waiting:
        found.append(Lack("召开联席会议", f"{waiting}件纠纷提请联席会议，还没有开。", listing, clauses))
    if last is not None:
        count = bare.filter(conference=last).count()
        url = reverse("mediation:conference", args=[last])
        found.append(Lack("登记处置措施", f"上次联席会议有{count}件纠纷还没有措施和责任人。", url, clauses))
    return found
