"""What follows from what: one list, read top to bottom. Reactions run in the transaction of the event."""

from gongzhi.cases.accountability.services.tasks import task_done
from gongzhi.cases.hotline.answers import MOVES, queue_answer
from gongzhi.cases.services import company_file, following
from gongzhi.cases.services import moving as case_moving
from gongzhi.cases.services.reminders import remind_reporter, remind_those_told
from gongzhi.cases.services.rerouting import fund_refused, repair_judged
from gongzhi.cases.services.waiting import fact_recorded
from gongzhi.contracts.services import order_out_by_result
from gongzhi.contracts.services.common import follow_estate as contracts_follow
from gongzhi.core import webhooks
from gongzhi.core.dispatcher import ALL, Reaction
from gongzhi.duties import services as duties
from gongzhi.equipment import services as equipment
from gongzhi.funds import reacting as money
from gongzhi.governance.bodies import services as bodies
from gongzhi.governance.bodies.services import moving as body_moving
from gongzhi.governance.votes import services as votes
from gongzhi.governance.votes.services import moving as vote_moving
from gongzhi.mediation.services import moving as mediation_moving
from gongzhi.patrols import services as patrols
from gongzhi.site import equipment as leads
from gongzhi.site import inspections, mediation
from gongzhi.site import patrols as patrol_cases

REACTIONS: list[tuple[str, Reaction]] = [
    (ALL, duties.react),
    (ALL, webhooks.queue_for),
    ("estate.fact_recorded", fact_recorded),
    ("facility.registered", equipment.begin_cares),
    *((kind, equipment.follow_register) for kind in ("facility.registered", "facility.changed", "facility.ended")),
    *((kind, equipment.look_for_misuse) for kind in ("facility.registered", "facility.changed", "permit.stepped")),
    ("facility.inspected", equipment.follow_inspection),
    ("facility.expired", leads.inspection_expired),
    ("facility.expired", equipment.follow_expiry),
    ("facility.care_overdue", equipment.follow_missed),
    ("facility.misused", leads.misused),
    ("case.closed", leads.lead_closed),
    *((kind, queue_answer) for kind in MOVES),
    ("case.opened", company_file.case_opened),
    ("case.opened", company_file.complained_again),
    ("case.closed", company_file.case_closed),
    ("company.case_ended", company_file.company_punished),
    ("censure.issued", company_file.censured),
    ("duty.fulfilled", task_done),
    ("duty.overdue", remind_reporter),
    ("duty.overdue", remind_those_told),
    ("duty.overdue", patrols.escalate_overdue),
    ("pack.attached", duties.standing_changed),
    ("post.ended", duties.hand_over),
    ("estate.moved", duties.follow_estate),
    ("estate.moved", case_moving.follow_estate),
    ("estate.moved", body_moving.follow_estate),
    ("estate.moved", vote_moving.follow_estate),
    ("estate.moved", money.follow_estate),
    ("estate.moved", contracts_follow),
    ("estate.moved", equipment.follow_estate),
    ("estate.moved", mediation_moving.follow_estate),
    ("estate.moved", patrols.follow_estate),
    *((kind, vote_moving.refuse_under_way) for kind in ("estate.merged", "estate.enlarged", "estate.split")),
    ("estate.merged", body_moving.stop_forming),
    ("case.reopened", case_moving.reopened),
    ("body.term_notified", bodies.start_renewal),
    ("body.term_over", bodies.start_renewal),
    ("body.unable", bodies.owe_for_body),
    ("body.below_half", bodies.owe_for_body),
    ("charge.found", bodies.owe_for_charge),
    ("conflict.found_major", bodies.owe_for_conflict),
    ("filing.accepted", bodies.open_handovers),
    ("body.formed", bodies.open_handovers),
    ("petition.decided", bodies.owe_for_petition),
    ("motion.decided", votes.follow_motion),
    ("filing.accepted", money.committee_changed),
    ("body.ended", money.committee_changed),
    ("fee.paid", money.charges_paid),
    ("fee.advance_used", money.charges_paid),
    ("unit.transferred", votes.note_sale),
    ("fee.unit_let", money.unit_let),
    ("fund.use_refused", fund_refused),
    ("repair.judged", repair_judged),
    ("estate.fact_recorded", money.delivered),
    ("estate.fact_recorded", order_out_by_result),
    *((kind, following.mediated) for kind in following.RESULTS),
    *((kind, following.not_mediated) for kind in following.NOT_MEDIATED),
    ("fee.finding_made", inspections.case_of_finding),
    *((kind, patrol_cases.case_of_finding) for kind in ("finding.made", "finding.handed_on")),
    ("patrol.done", patrol_cases.check_of_round),
    ("patrol.voided", duties.uncount),
    ("patrol.voided", patrol_cases.check_of_voided_round),
    ("fee.help_asked", mediation.begin_for_arrears),
    *((kind, mediation.tell_arrears) for kind in mediation.ENDS),
    ("calendar.entered", duties.recompute_provisional),
]
