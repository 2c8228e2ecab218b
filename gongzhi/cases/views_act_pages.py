"""The acts on a case as pages: for each code its form, its service, and the event from which the next clocks run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.cases import forms_acts as acts
from gongzhi.cases import forms_closing as closing
from gongzhi.cases import forms_disputes as disputes
from gongzhi.cases import services
from gongzhi.cases.models import Case
from gongzhi.cases.queries import asking
from gongzhi.cases.queries.acts import rule_of
from gongzhi.cases.services.acting import unit_for
from gongzhi.cases.services.opening import assigned_data, lead_since
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused

Data = Mapping[str, Any]
Foresee = Callable[[Case, Actor, datetime], Data]


def _nothing(case: Case, actor: Actor, now: datetime) -> Data:
    return {}


@dataclass(frozen=True)
class ActPage:
    """`code` is the rule's, or a page's beside it (`rule`). `event` and `foresee` tell what clocks will follow."""

    code: str
    form: type[acts.CaseForm]
    service: Callable[..., Case]
    done: str
    will: str = ""
    event: str = ""
    foresee: Foresee = _nothing
    rule: str = ""
    button: str = ""
    title_own: str = ""

    @property
    def rule_code(self) -> str:
        return self.rule or self.code

    @property
    def title(self) -> str:
        return self.title_own or rule_of(self.rule_code).title

    def run(self, case: Case, form: acts.CaseForm, **who: Any) -> Case:
        return self.service(case, **form.given(), **who)


def _handed_out(case: Case, actor: Actor, now: datetime) -> Data:
    data: dict[str, Any] = dict(assigned_data(case, by=actor.role))
    if case.route_lead:
        data |= {"lead": case.route_lead, "lead_level": asking.role_level(case.route_lead, case)}
        try:
            data["lead_organisation"] = unit_for(case.route_lead, case).pk
        except Refused:
            data["lead_organisation"] = None
        data["lead_since"] = lead_since(case, data["lead_organisation"], now=now)
    return data


def _claimed(case: Case, actor: Actor, now: datetime) -> Data:
    unit = actor.organisation.pk if actor.organisation else None
    since = lead_since(case, unit, now=now)
    given = assigned_data(case, by=actor.role)
    return {**given, "lead": actor.role, "lead_organisation": unit, "lead_since": since}


def _designated(case: Case, actor: Actor, now: datetime) -> Data:
    return {**_without(_handed_out(case, actor, now), "by"), "by": actor.role, "by_leader": False}


def _without(data: Data, name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}


def _transferred(case: Case, actor: Actor, now: datetime) -> Data:
    target = asking.transfer_role(case)
    if not target:
        return {}
    return {"from": case.lead_role, "lead": target, "lead_organisation": unit_for(target, case).pk}


def _reported_up(case: Case, actor: Actor, now: datetime) -> Data:
    answer = asking.ask_case(case, "cases.superior", role=actor.role)
    to = str(answer.value) if answer.ok and answer.value else "leading_group_office"
    return {"to": to, "by": actor.role, "by_level": asking.role_level(actor.role, case)}


def _finding(case: Case, actor: Actor, now: datetime) -> Data:
    return {"finding_by": asking.route_value(case).get("finding_by")}


def _answered(*, final: bool) -> Foresee:
    def foresee(case: Case, actor: Actor, now: datetime) -> Data:
        return {"final": final, "on_time": case.answer_due_at is None or now < case.answer_due_at}

    return foresee


def _returned(case: Case, actor: Actor, now: datetime) -> Data:
    return {"by": actor.role, "should_be": case.lead_role, "returns": case.returns + 1}


def _closed(case: Case, actor: Actor, now: datetime) -> Data:
    late = bool(case.answered_late)
    return {"outcome": case.outcome or None, "on_time": not late, "late_explained": late and bool(case.explained_at)}


def _fixed(**data: Any) -> Foresee:
    return lambda case, actor, now: data


def _today(case: Case, actor: Actor, now: datetime) -> Data:
    return {"promised_on": local_day(now)}


_A, _C, _D, _S = acts, closing, disputes, services

_PAGES: tuple[ActPage, ...] = (
    ActPage("set_fact", _A.FactForm, _S.set_missing_fact, "已登记，并按新情况重新找承办单位。",
            will="小区的底数记进小区档案，以后这个小区的投诉都按它派单；只和这一件有关的，只记在本件。"),
    ActPage("judge_validity", _A.ValidityForm, _S.judge_validity, "已登记。", event="found_valid",
            foresee=_fixed(valid=True), will="有效的开始计时，反映到规定层级的督办；不属于投诉范围的退回。"),
    ActPage("respond", _A.RespondForm, _S.respond, "已登记首次回应。", event="responded",
            will="投诉人收到这段话。派单、办理和答复的期限照旧。"),
    ActPage("assign", _A.AssignForm, _S.assign_case, "已派单。", event="assigned", foresee=_handed_out,
            will="承办单位收到消息，要报到签收；投诉人收到“已交某单位办理”。"),
    ActPage("whistle", _A.AssignForm, _S.whistle, "已吹哨。", event="whistled", foresee=_handed_out,
            will="主办和协办部门收到消息，要报到签收；投诉人收到“已交某单位办理”。"),
    ActPage("claim", _A.ConfirmForm, _S.claim_case, "已由本单位介入。", event="claimed", foresee=_claimed,
            will="本单位成为主办，不用再等派单；其他单位能看到已有人办。", button="主动介入"),
    ActPage("report_in", _A.ConfirmForm, _S.report_in, "已报到签收。", event="reported_in",
            will="签收人和时间留痕，投诉人收到“已签收”。答复期限从收到投诉起算，不重新算。", button="报到签收"),
    ActPage("return", _A.ReturnForm, _S.return_case, "已退回。", event="returned", foresee=_returned,
            will="退回派单的单位重新派。退回次数满了，列为职责待定，由指定的单位定，不再来回退。"),
    ActPage("designate", _A.DesignateForm, _S.designate, "已登记指定。", event="designated", foresee=_designated,
            will="指定后不能再退回；期限仍从首次收到投诉起算。"),
    ActPage("verify", _A.VerifyForm, _S.verify_on_site, "已登记现场核实。", event="verified",
            will="投诉人收到“承办单位已到现场核实”。"),
    ActPage("contact", _A.ContactForm, _S.contact_complainant, "已登记告知。", event="contacted", foresee=_today,
            will="投诉人在查进度页看到这一天。"),
    ActPage("note", _A.NoteForm, _S.note_progress, "已登记。", event="progress_noted"),
    ActPage("utility", _A.UtilityForm, _S.ask_utility, "已转请。", rule="note", event="",
            title_own="转请专营单位", will="专营单位成为协办，主办单位不变。"),
    ActPage("intervene", _A.InterveneForm, _S.record_intervention, "已登记。", event="intervened",
            foresee=_fixed(kind="early"), will="先有前期介入，才能登记执法处理。"),
    ActPage("enforce", _A.EnforceForm, _S.record_intervention, "已登记执法处理。", event="intervened",
            foresee=_fixed(kind="enforcement")),
    ActPage("request_finding", _A.FindingAskForm, _S.request_finding, "已商请认定。", event="finding_requested",
            foresee=_finding, will="认定单位收到消息，在期限内出具意见；没有认定意见，不能填处罚决定文号。"),
    ActPage("record_finding", _A.FindingForm, _S.record_finding, "已出具认定意见。", event="finding_recorded",
            foresee=_fixed(result="unlawful"), will="意见出具后不能改。认定合法的，不予处罚，由主办单位答复投诉人。"),
    ActPage("file", _A.NumberForm, _S.file_case, "已登记立案。", event="filed", will="投诉人收到“已立案查处”。"),
    ActPage("penalty", _A.NumberForm, _S.file_penalty, "已登记处罚决定。", event="penalty_recorded"),
    ActPage("extend_penalty", _A.ExtendPenaltyForm, _S.extend_penalty, "已登记延长。", event="",
            will="从原期限届满起接着算；批准文书归入办理意见。"),
    ActPage("transfer", _A.TransferForm, _S.transfer_case, "已移交，移送函已编号。", event="transferred",
            foresee=_transferred, will="平台出移送函并编号，送接收单位签收；答复期限不变，投诉人收到“已移交”。"),
    ActPage("police", _A.PoliceForm, _S.request_police, "已请求支援。", event="police_requested",
            foresee=_fixed(police="police"), will="公安机关收到消息，到场后登记到场时间和处置结果。"),
    ActPage("police_arrived", _A.PoliceArrivedForm, _S.police_arrived, "已登记到场处置。", event="police_arrived"),
    ActPage("stop", _A.StopForm, _S.stop_on_site, "已登记制止。", event="stopped_on_site",
            foresee=_fixed(method="当面劝阻", effective=True)),
    ActPage("handle", _A.HandleForm, _S.handle, "已登记办理结果，有投诉人的接着答复。", event="handled",
            foresee=_fixed(outcome="settled"), will="登记以后还要答复投诉人，只处理没有答复不算办结。"),
    ActPage("mediate", _D.MediateForm, _S.mediate, "已登记调解。", event="mediated",
            foresee=_fixed(kind="people", result="agreed"),
            will="达成一致的，接着答复投诉人；没有达成的不算办结，可以再调解、上交或者转诉讼。"),
    ActPage("court", _D.CourtForm, _S.record_court, "已登记诉讼。", event="court_recorded",
            foresee=_fixed(tribunal="court", judged=False), will="平台只跟踪，不代审；以后可以补登开庭和裁判。"),
    ActPage("weigh", _D.WeighForm, _S.weigh, "已认定轻重。", event="weighed", foresee=_fixed(grade="major", late=False),
            will="重大、疑难的立即转上级调解组织并通知它，本单位仍能查看；答复期限不变。"),
    ActPage("hand_up", _A.HandUpForm, _S.hand_up, "已上交。", will="交上一级调解组织，逐级上交，不能越级。"),
    ActPage("report_up", _A.ReportUpForm, _S.report_up, "已上报，等上级签收。", event="reported_up",
            foresee=_reported_up, will="上级签收以前，本件是“待签收”；签收人和时间留痕。按期上报的，逾期不计次。"),
    ActPage("sign_report", _A.ConfirmForm, _S.sign_report, "已签收。", event="report_signed",
            foresee=lambda case, actor, now: {"by": actor.role, "to": actor.role},
            will="签收后由本单位派单或者直接办理。", button="签收"),
    ActPage("explain", _A.ExplainForm, _S.explain_overdue, "已说明，可以继续办。", event="explained",
            will="说明后才能继续办；仍计逾期，但单独列出。"),
    ActPage("answer_progress", _A.ProgressForm, _S.answer, "已答复进展。", event="answered",
            foresee=_answered(final=False), will="投诉人收到这段话。答复期限照旧，办完了还要作最终答复。"),
    ActPage("answer", _A.AnswerForm, _S.answer, "已答复投诉人。", event="answered", foresee=_answered(final=True),
            will="投诉人收到这段话，可以评价，也可以在期限内要求重新办理。"),
    ActPage("call_back", _A.CallBackForm, _S.call_back, "已登记回访。", event="called_back",
            foresee=_fixed(result="satisfied")),
    ActPage("close", _A.ConfirmForm, _S.close_case, "已办结，接着归档。", event="closed", foresee=_closed,
            will="办结后整理归档；投诉人收到“已办结”，可以评价。", button="办结"),
    ActPage("archive", _C.ArchiveForm, _S.archive_case, "已归档，案卷从此只读。", event="archived",
            will="归档后只能看和整卷导出，不能再改。需要补办的，新登记一件并注明本件编号。"),
    ActPage("reopen", _A.ReasonForm, _S.reopen, "已重新办理。", event="reopened", foresee=_fixed(after_answer=True),
            will="原来的答复留在案卷里，期限重新算。"),
    ActPage("rate", _A.RateForm, _S.rate, "谢谢评价。"),
    ActPage("split", _C.SplitForm, _S.split_case, "已拆分，投诉人用同一个编号查。",
            will="拆出的事项各有编号、各自派单；投诉人的查询编号不变。"),
    ActPage("change_matter", _C.ChangeMatterForm, _S.change_matter, "已改事项，重新找承办单位。", rule="split",
            title_own="改事项", will="按新事项重新派单，期限照旧从收到起算。"),
    ActPage("merge", _C.MergeForm, _S.merge_complaint, "已并件。", event="merged",
            foresee=_fixed(into=""), will="两件的编号、来源和次数都保留，只办一件；投诉人仍用原编号查。"),
    ActPage("ask_extension", _A.AskDaysForm, _S.ask_extension, "已申请延期，等批准。", will="批准以前，期限照旧。"),
    ActPage("decide_extension", _A.DecideForm, _S.decide_extension, "已批复。"),
    ActPage("ask_suspension", _A.AskForm, _S.ask_suspension, "已申请挂起，等批准。", will="批准以前，期限照旧。"),
    ActPage("decide_suspension", _A.DecideForm, _S.decide_suspension, "已批复。"),
    ActPage("resume", _A.ResumeForm, _S.resume, "已恢复办理。", event="resumed", will="按剩下的日数接着算。"),
    ActPage("ask_void", _A.AskForm, _S.ask_void, "已申请作废，等批准。", will="批准以前，照常办理。"),
    ActPage("decide_void", _A.DecideForm, _S.decide_void, "已批复。",
            will="作废的留在台账里，编号、收到时间和原因都能查。"),
    ActPage("find_shirking", _A.ReasonForm, _S.find_shirking, "已认定推诿。", event="shirking_found",
            will="直接通报并约谈，不再经过抄告、督办。"),
    ActPage("urge", _A.UrgeForm, _S.urge, "已督办。", event="", will="承办单位收到消息，办理经过里留痕。"),
    ActPage("ease", _A.EaseForm, _S.ease_case, "已登记化解情况。"),
    ActPage("register_form", _A.RegisterFileForm, _A.keep_register_form, "已上传来访登记表。", rule="",
            title_own="上传来访登记表", will="放进登记材料，归档时算一类。"),
)  # fmt: skip
ACT_PAGES: dict[str, ActPage] = {page.code: page for page in _PAGES}
# Pages beside the rules: shown with the act of their rule, or by a right alone.
BESIDE = {"utility": "note", "change_matter": "split"}
BY_RIGHT = {"register_form": "cases.register"}
