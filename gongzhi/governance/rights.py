"""Who may do what with bodies and in votes. No Django."""

from gongzhi.core.rights import Right
from gongzhi.governance.bodies.rights import RIGHTS as BODIES
from gongzhi.governance.votes.rights import RIGHTS as VOTES

RIGHTS: tuple[Right, ...] = (*BODIES, *VOTES)
