"""What is done to a vote. `from gongzhi.governance.votes import services as votes`."""

from gongzhi.governance.votes.services.balloting import Given, cast, cast_by_link, opening_of, rules_of, units_of
from gongzhi.governance.votes.services.closing import (
    close_vote,
    counted,
    decide_objection,
    events_of,
    file_vote,
    finalise,
    object_to,
    publish_result,
)
from gongzhi.governance.votes.services.drafting import (
    MotionDraft,
    append_motion,
    check_vote,
    draft_vote,
    notice_vote,
    open_vote,
    reschedule,
    stop_vote,
)
from gongzhi.governance.votes.services.links import link_of, make_link, verify
from gongzhi.governance.votes.services.official import take_official
from gongzhi.governance.votes.services.outcomes import follow_motion
from gongzhi.governance.votes.services.oversight import (
    consent_of,
    consent_to_vote,
    modes_of,
    seat_of,
    supervise_vote,
    supervision_of,
)
from gongzhi.governance.votes.services.recording import (
    adjudicate,
    draw_lot,
    nominate,
    record_proxy,
    revoke_proxy,
    serve,
)
from gongzhi.governance.votes.services.rolls import correct_roll, freeze_roll, roll_of
from gongzhi.governance.votes.services.rules import adopt_rules, rules_for

__all__ = [
    "Given",
    "MotionDraft",
    "adjudicate",
    "adopt_rules",
    "append_motion",
    "cast",
    "cast_by_link",
    "check_vote",
    "close_vote",
    "consent_of",
    "consent_to_vote",
    "correct_roll",
    "counted",
    "decide_objection",
    "draft_vote",
    "draw_lot",
    "events_of",
    "file_vote",
    "finalise",
    "follow_motion",
    "freeze_roll",
    "link_of",
    "make_link",
    "modes_of",
    "nominate",
    "notice_vote",
    "object_to",
    "open_vote",
    "opening_of",
    "publish_result",
    "record_proxy",
    "reschedule",
    "revoke_proxy",
    "roll_of",
    "rules_for",
    "rules_of",
    "seat_of",
    "serve",
    "stop_vote",
    "supervise_vote",
    "supervision_of",
    "take_official",
    "units_of",
    "verify",
]
