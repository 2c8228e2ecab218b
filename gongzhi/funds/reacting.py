"""What money does when something happens elsewhere."""

from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.models import Event
from gongzhi.funds.common.services import pass_supervision
from gongzhi.governance.bodies.models import Body
from gongzhi.governance.bodies.words import COMMITTEES


def committee_changed(event: Event) -> None:
    """A committee was filed or ended: the accounts of its estate pass to whom the pack names."""
    body_id = event.data.get("body") or event.subject_id
    body = Body.objects.select_related("estate").filter(pk=body_id).first() if str(body_id).isdigit() else None
    if body is None or body.estate is None or body.kind not in COMMITTEES:
        return
    pass_supervision(body.estate, on=local_day(event.at), actor=Actor.system(demo=event.demo), now=event.at)
