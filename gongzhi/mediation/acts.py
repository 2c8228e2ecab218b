"""The acts on a mediation: which form, which right, which command, and when it is their time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from gongzhi.core import services as core
from gongzhi.core.days import ZONE
from gongzhi.core.models import Organisation
from gongzhi.core.pages import Who
from gongzhi.mediation import forms, services
from gongzhi.mediation.models import MediationFile, Mediator
from gongzhi.mediation.offices import conference, oversight
from gongzhi.mediation.queries import asking
from gongzhi.mediation.queries.agenda import held_topic, open_acts
from gongzhi.mediation.queries.asking import kind_bodies, kinds_after
from gongzhi.mediation.queries.staff import mediators_of
from gongzhi.mediation.words import CONFIRMATIONS, MEDIATION_KINDS, OPEN_STATES, STATES
from gongzhi.registry.models import Estate

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    title: str
    form: type[Any]
    right: str
    run: Callable[[MediationFile, Data, Who], Any]
    done: str
    states: tuple[str, ...]
    setup: Callable[[Any, MediationFile, Who], None] | None = None
    when: Callable[[MediationFile, Who], bool] = field(default=lambda file, who: True)
    hint: str = ""

    def offered(self, file: MediationFile, who: Who) -> bool:
        """May he, and is it its time."""
        return file.state in self.states and core.may(who.actor, self.right, file) and self.when(file, who)


def _own(form: Any, file: MediationFile, who: Who) -> None:
    """The side that one speaks for; the body takes it down for any side."""
    own = [one.pk for one in services.own_parties(file, who.actor)]
    body = "mediation_body" in file.party_roles(who.actor)
    rows = file.parties.select_related("organisation", "person")
    form.fields["party"].queryset = rows if body else rows.filter(pk__in=own)
    if len(own) == 1 and not body:
        form.fields["party"].initial = own[0]
    if "how" in form.fields:
        offered = [(code, title) for code, title in form.fields["how"].choices if bool(own) == (code == "online")]
        form.fields["how"].choices = offered
        form.fields["how"].initial = offered[0][0]


def _pool(form: Any, file: MediationFile, who: Who) -> None:
    found = [one.pk for one in mediators_of(file.place_path, core.local_day(who.now))]
    name = "mediators" if "mediators" in form.fields else "mediator"
    rows = Mediator.objects.filter(pk__in=found).select_related("member__person", "member__body")
    form.fields[name].queryset = rows
    form.fields[name].label_from_instance = _known_as
    if not found:
        form.fields[name].help_text = "本地还没有登记调解员；先在“调解组织”一页登记调解组织和它的调解员，再来指定。"


def _known_as(mediator: Mediator) -> str:
    """Several have the same masked name: with the body and the unit he comes from."""
    member = mediator.member
    return f"{mediator}（{'，'.join(one for one in (member.body.name, member.unit_name) if one)}）"


def _above(file: MediationFile) -> list[str]:
    path = file.place_path
    return [path[: end + 1] for end, char in enumerate(path) if char == "/"]


def _in_roles(file: MediationFile, roles: Iterable[str]) -> Any:
    rows = Organisation.objects.filter(role__in=set(roles), place_path__in=_above(file), active=True)
    return rows.order_by("place_path")


def _named(file: MediationFile, key: str, who: Who) -> tuple[str, ...]:
    named, _ = oversight(file.place_path, core.local_day(who.now))
    return tuple(named.get(key) or ())


def _invited(form: Any, file: MediationFile, who: Who) -> None:
    form.fields["organisation"].queryset = _in_roles(file, _named(file, "invited", who))


def _nowhere(file: MediationFile, who: Who) -> set[str]:
    """The ways that lead to nobody: above the county, below the community, to a trade's body where there is none."""
    ends = {"county": "up", "community": "down"}.get(file.stage.level, "")
    outside = _in_roles(file, _named(file, "outside", who)).exists()
    return {ends, "" if outside else "outside"}


def _targets(form: Any, file: MediationFile, who: Who) -> None:
    """One who only oversees may take it over; the body hands it on."""
    body = core.may(who.actor, "mediation.work", file)
    over = core.may(who.actor, "mediation.take_over", file)
    ways = [(code, title) for code, title in form.fields["way"].choices if over if code == "taken_over"]
    barred = {"taken_over", *_nowhere(file, who)}
    ways += [(code, title) for code, title in form.fields["way"].choices if body and code not in barred]
    form.fields["way"].choices = ways
    form.fields["kind"].choices = [("", "不变"), *((code, MEDIATION_KINDS[code]) for code in kinds_after(file))]
    if not over:
        leading = (kind_bodies(file, kind, core.local_day(who.now))[0] for kind in kinds_after(file))
        form.fields["to"].queryset = _in_roles(file, chain(_named(file, "outside", who), *leading))
    else:
        form.fields["to"].queryset = Organisation.objects.filter(
            kind__in=("office", "committee"), place_path__in=_above(file), active=True
        ).order_by("place_path")


def _noticed(form: Any, file: MediationFile, who: Who) -> None:
    form.fields["grade"].initial = file.grade or None
    form.fields["found_at"].initial = who.now.astimezone(ZONE).strftime(forms.MINUTE_FORMAT)


def _sites(form: Any, file: MediationFile, who: Who) -> None:
    street = "/".join(file.place_path.split("/")[:4]) + "/"
    form.fields["estate"].queryset = Estate.objects.within(street).filter(ended_on=None).order_by("name")
    known = getattr(file, "court_step", None)
    for name in form.fields if known is not None else ():
        if hasattr(known, name) and name != "version":
            form.fields[name].initial = getattr(known, name)


def _plain(command: Callable[..., Any], *names: str) -> Callable[[MediationFile, Data, Who], Any]:
    """The command with the fields of these names and the version of the page."""
    return lambda file, data, who: command(
        file, **{name: data[name] for name in names}, version=data["version"], **who.by
    )


def _plain_of(command: Callable[..., Any], *names: str) -> Callable[[MediationFile, Data, Who], Any]:
    """The same, of the fields that the form was shown with."""
    return lambda file, data, who: command(
        file, **{name: data[name] for name in names if name in data}, version=data["version"], **who.by
    )


def _consent(file: MediationFile, data: Data, who: Who) -> Any:
    return services.consent(
        file, party=data["party"], agrees=data["agrees"] == "yes", how=data["how"], version=data["version"], **who.by
    )


def _opinion(file: MediationFile, data: Data, who: Who) -> Any:
    row = file.assists.filter(kind="help", organisation=who.actor.organisation).first()
    if row is None:
        raise core.Refused("not_asked", "没有请您单位协助。", status=403)
    return services.give_opinion(row, opinion=data["text"], version=data["version"], **who.by)


def _unasked(file: MediationFile, who: Who) -> bool:
    return file.assists.filter(kind="help", organisation=who.actor.organisation, given_at=None).exists()


def _next_of(file: MediationFile, who: Who) -> list[str]:
    """What may be put down of the confirmation now: first that it was asked for, then what the court ruled."""
    made = getattr(file, "agreement", None)
    if made is None:
        return []
    if not made.confirmation:
        return ["applied"]
    rules = made.confirmation == "applied" and core.may(who.actor, "mediation.rule", file)
    return ["confirmed", "refused"] if rules else []


def _confirming(form: Any, file: MediationFile, who: Who) -> None:
    offered = _next_of(file, who)
    form.fields["state"].choices = [(code, CONFIRMATIONS[code]) for code in offered]
    if offered == ["applied"]:
        form.fields["state"].initial = "applied"
        del form.fields["number"]


def _undecided(file: MediationFile, who: Who) -> bool:
    own = {one.pk for one in services.own_parties(file, who.actor)}
    rows = [one for one in file.parties.all() if one.consents is None]
    return bool(rows) and ("mediation_body" in file.party_roles(who.actor) or any(one.pk in own for one in rows))


def _not_yet_for_longer(file: MediationFile, who: Who) -> list[Any]:
    """The sides whose agreement to the next extension is wanting; none where there can be none."""
    rules, _ = asking.procedure(file, core.local_day(who.now))
    if file.due_on is None or file.extensions >= int(rules.get("extensions") or 0):
        return []
    return [one for one in file.parties.all() if one.extension_agreed <= file.extensions]


def _unextended(file: MediationFile, who: Who) -> bool:
    own = {one.pk for one in services.own_parties(file, who.actor)}
    rows = _not_yet_for_longer(file, who)
    return bool(rows) and ("mediation_body" in file.party_roles(who.actor) or any(one.pk in own for one in rows))


def _own_of_extension(form: Any, file: MediationFile, who: Who) -> None:
    _own(form, file, who)
    wanting = [one.pk for one in _not_yet_for_longer(file, who)]
    form.fields["party"].queryset = form.fields["party"].queryset.filter(pk__in=wanting)


def _unsigned(file: MediationFile, who: Who) -> bool:
    own = {one.pk for one in services.own_parties(file, who.actor)}
    rows = [one for one in file.parties.all() if one.signed_at is None]
    return bool(rows) and ("mediation_body" in file.party_roles(who.actor) or any(one.pk in own for one in rows))


def _may_be_put(file: MediationFile, who: Who) -> bool:
    named, _ = conference(file.place_path, core.local_day(who.now))
    office = who.actor.is_staff_role or "mediation_body" in file.party_roles(who.actor)
    return bool(named.get("holders")) and office and not any(one.binding for one in file.topics.all())


def _of_topic(act: str) -> Callable[[MediationFile, Who], bool]:
    """Whether it is the time of this act on what stands before a conference."""

    def when(file: MediationFile, who: Who) -> bool:
        named, _ = conference(file.place_path, core.local_day(who.now))
        topic = held_topic(file, who.actor)
        return act in open_acts(topic, who.actor.organisation, above=bool(named.get("above")))

    return when


OPEN, ALL_ENDED = ("applied", "accepted"), ("agreed", "failed", "declined", "withdrawn", "closed")
ACTS: dict[str, Act] = {
    "tongyi": Act("表示是否同意调解", forms.ConsentForm, "mediation.consent", _consent, "已登记。", ("applied",),
                  setup=_own, when=_undecided, hint="调解出于自愿；不同意的，可以向法院起诉。"),
    "shouli": Act("受理", forms.PlainForm, "mediation.work", _plain(services.accept), "已受理。", ("applied",),
                  hint="各方同意以后受理，调解期限从受理起算。"),
    "bushouli": Act("不予受理", forms.ReasonForm, "mediation.work", _plain(services.decline, "reason"),
                    "已登记不受理。", ("applied",)),
    "tiaojiehui": Act("登记调解会", forms.SessionForm, "mediation.work",
                      _plain(services.hold_session, "held_at", "location", "attended", "content"), "已登记调解会。",
                      ("accepted",), hint="调解内容只有当事人和办过的调解组织能看。"),
    "xieyi": Act("达成协议", forms.AgreeForm, "mediation.work",
                 _plain(services.agree, "terms", "agreed_on", "perform_by"), "已生成协议书。", ("accepted",)),
    "weidacheng": Act("登记未达成", forms.ReasonForm, "mediation.work", _plain(services.fail, "reason"),
                      "已登记。", ("accepted",)),
    "qianshou": Act("签收协议", forms.SignForm, "mediation.sign", _plain(services.sign, "party", "how"), "已签收。",
                    ("agreed",), setup=_own, when=_unsigned),
    "huifang": Act("登记回访", forms.VisitForm, "mediation.work", _plain(services.visit, "on", "performed", "text"),
                   "已登记回访。", ALL_ENDED, when=lambda file, who: services.may_be_visited(file)),
    "guidang": Act("归档", forms.PlainForm, "mediation.work", _plain(services.close), "已归档。", ALL_ENDED[:-1]),
    "tiaojieyuan": Act("指定调解员", forms.AppointForm, "mediation.work", _plain(services.appoint, "mediators"),
                       "已指定调解员。", OPEN, setup=_pool),
    "huibi": Act("登记回避", forms.RecuseForm, "mediation.withdraw", _plain(services.recuse, "mediator", "reason"),
                 "已登记回避。", OPEN, setup=_pool),
    "yanchang": Act("同意延长调解", forms.PartyForm, "mediation.consent", _plain(services.agree_to_extension, "party"),
                    "已登记；各方都同意以后延长。", ("accepted",), setup=_own_of_extension, when=_unextended),
    "yizhuan": Act("移转", forms.MoveForm, "mediation.read", _plain(services.move, "way", "kind", "to", "reason"),
                   "已移转。", (*OPEN, "failed"), setup=_targets,
                   when=lambda file, who: any(
                       core.may(who.actor, one, file) for one in ("mediation.work", "mediation.take_over"))),
    "renzhong": Act("认定轻重", forms.WeighForm, "mediation.work",
                    _plain(services.weigh, "grade", "found_at", "reason"), "已认定。", (*OPEN, "failed"),
                    setup=_noticed, when=lambda file, who: asking.is_weighed(file, core.local_day(who.now)),
                    hint="认定加重的即时转上一级并通知，超过报送期限的列入迟报。"),
    "cuoshi": Act("登记处置措施", forms.MeasureForm, "mediation.confer",
                  _plain(services.set_measure, "measure", "person"), "已登记处置措施和责任人。", tuple(STATES),
                  when=_of_topic("cuoshi"), hint="没有登记措施的，下次会议继续列出。"),
    "jielun": Act("登记会议结论", forms.ConclusionForm, "mediation.conclude",
                  _plain(services.conclude_topic, "conclusion"), "已登记结论，并通知了召开会议的单位和调解组织。",
                  tuple(STATES), when=_of_topic("jielun")),
    "shangbao": Act("上报上级会议", forms.ReasonForm, "mediation.confer", _plain(services.raise_topic, "reason"),
                    "已上报，等上级会议的结论。", tuple(STATES), when=_of_topic("shangbao"),
                    hint="上报以后由上级会议作出结论，本级不能自行办结；结论自动回传。"),
    "yaoqing": Act("邀请协助", forms.HelpForm, "mediation.work", _plain(services.ask_help, "organisation"),
                   "已邀请。", OPEN, setup=_invited),
    "yijian": Act("登记协助意见", forms.OpinionForm, "mediation.help", _opinion, "已登记。", OPEN, when=_unasked),
    "zhidao": Act("指导", forms.OpinionForm, "mediation.comment", _plain(services.comment, "text"), "已登记指导。",
                  OPEN, when=lambda file, who: "mediation_body" not in file.party_roles(who.actor)),
    "queren": Act("登记司法确认", forms.ConfirmForm, "mediation.confirm",
                  _plain_of(services.note_confirmation, "state", "on", "number"), "已登记。", ("agreed", "closed"),
                  setup=_confirming, when=lambda file, who: bool(_next_of(file, who)),
                  hint="登记“已申请”时生成司法确认申请书，各方签名以后交法院；法院裁定以后再来登记结果。"),
    "susong": Act("登记转诉讼", forms.CourtForm, "mediation.court",
                  _plain(services.note_court, "tribunal", "number", "green_channel", "hearing_on", "estate",
                         "location", "judgment"),
                  "已登记。", ALL_ENDED, setup=_sites),
    "tiqing": Act("提请联席会议", forms.PutForm, "mediation.put", _plain(services.put_to_conference, "reason"),
                  "已列入下次联席会议的议题。", OPEN_STATES, when=_may_be_put,
                  hint="列入下次会议的议题；有结论以前不能归档。"),
    "zhongzhi": Act("终止调解", forms.ReasonForm, "mediation.withdraw", _plain(services.withdraw, "reason"),
                    "已终止。", OPEN, hint="任何一方都可以终止；终止以后可以向法院起诉。"),
}  # fmt: skip
