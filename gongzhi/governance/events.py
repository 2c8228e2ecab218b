"""What happens to bodies and in votes. No Django."""

from gongzhi.governance.bodies.events import EVENTS as BODIES
from gongzhi.governance.votes.events import EVENTS as VOTES
from gongzhi.policy.vocabulary import EventKind

EVENTS: tuple[EventKind, ...] = (*BODIES, *VOTES)
