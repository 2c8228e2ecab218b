"""What can be done with one duty: its form, who is offered it, the service behind it. Pages and the API read it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.rights import may
from gongzhi.duties import services
from gongzhi.duties.elsewhere import extension_of
from gongzhi.duties.forms import AskForm, DecideForm, FulfilForm, HandOutForm, ReasonForm, ResumeForm
from gongzhi.duties.models import Duty
from gongzhi.duties.references import supervises
from gongzhi.duties.services.approvals import may_decide_extension
from gongzhi.duties.services.handling import locked


@dataclass(frozen=True)
class Act:
    """One thing that can be done with a duty: its button, its form and the service behind it.

    `code` stands in the page's address, `name` in that of the API.
    """

    code: str
    name: str
    title: str
    form: type[Any]
    allowed: Callable[[Duty, Actor], bool]
    run: Callable[..., Any]
    done: str
    hint: str = ""


def _own(right: str) -> Callable[[Duty, Actor], bool]:
    return lambda duty, actor: duty.running and may(actor, right, duty.own_side)


def _decide(right: str) -> Callable[[Duty, Actor], bool]:
    return lambda duty, actor: duty.running and may(actor, right, duty.to_decide)


def _may_prompt(duty: Duty, actor: Actor) -> bool:
    return duty.running and (may(actor, "duty.prompt", duty) or supervises(actor, duty))


def _ask_extension(duty: Duty, data: dict[str, Any], *, actor: Actor, now: datetime, version: int | None) -> None:
    other = extension_of(duty)
    if other is None:
        services.ask_extension(duty, reason=data["reason"], actor=actor, now=now, version=version)
        return
    locked(duty, version=version)
    other[0].ask(other[1], days=data["days"], reason=data["reason"], actor=actor, now=now)


def _decide_extension(duty: Duty, data: dict[str, Any], *, actor: Actor, now: datetime, version: int | None) -> None:
    given: dict[str, Any] = {"days": data["days"], "actor": actor, "now": now}
    approve, other = data["approve"] == "yes", extension_of(duty)
    if other is None:
        services.decide_extension(duty, approve=approve, reason=data["reason"], version=version, **given)
        return
    locked(duty, version=version)
    other[0].decide(other[1], allowed=approve, note=data["reason"], **given)


ACTS = {
    act.code: act
    for act in (
        Act(
            "banjie",
            "fulfil",
            "标记办结",
            FulfilForm,
            lambda duty, actor: duty.manual and _own("duty.fulfil")(duty, actor),
            lambda duty, data, **who: services.fulfil(duty, note=data["note"], files=data["papers"], **who),
            "已标记办结。",
        ),
        Act(
            "fenpai",
            "hand_out",
            "分派",
            HandOutForm,
            _own("duty.hand_out"),
            lambda duty, data, **who: services.hand_out(duty, user=data["to"], **who),
            "已分派。",
        ),
        Act(
            "cuiban",
            "prompt",
            "催办",
            ResumeForm,
            _may_prompt,
            lambda duty, data, actor, now, version: services.prompt(duty, actor=actor, now=now),
            "已催办。",
            "催办每天最多一次，责任单位会收到消息。",
        ),
        Act(
            "yanqi",
            "ask_extension",
            "申请延期",
            AskForm,
            lambda duty, actor: not duty.request and _own("duty.ask")(duty, actor),
            _ask_extension,
            "已申请延期，等待批准。",
            "批准以前，期限照旧。",
        ),
        Act(
            "shenpi",
            "decide_extension",
            "审批延期",
            DecideForm,
            lambda duty, actor: duty.running and bool(duty.request) and may_decide_extension(duty, actor),
            _decide_extension,
            "已批。",
        ),
        Act(
            "mianze",
            "excuse",
            "免责",
            ReasonForm,
            _decide("duty.excuse"),
            lambda duty, data, **who: services.excuse(duty, reason=data["reason"], **who),
            "已免责。",
            "免责以后不再催督，也不计入按期率。理由和批准人都有记录。",
        ),
        Act(
            "zhongzhi",
            "suspend",
            "中止计时",
            ReasonForm,
            lambda duty, actor: not duty.suspended and _decide("duty.suspend")(duty, actor),
            lambda duty, data, **who: services.suspend(duty, reason=data["reason"], **who),
            "已中止计时。",
            "恢复以后，按剩下的日数接着算。",
        ),
        Act(
            "huifu",
            "resume",
            "恢复计时",
            ResumeForm,
            lambda duty, actor: duty.suspended and _decide("duty.suspend")(duty, actor),
            lambda duty, data, **who: services.resume(duty, **who),
            "已恢复计时。",
        ),
    )
}


def asked_of(act: Act, duty: Duty, now: datetime) -> dict[str, Any]:
    """What the act's form is made with."""
    if act.form is not HandOutForm or duty.owner_organisation is None:
        return {}
    return {"colleagues": core.holders(duty.owner_organisation, on=local_day(now))}
