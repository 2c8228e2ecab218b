"""The rows of governance: bodies, and what owners decide together."""

from gongzhi.governance.bodies import models as bodies
from gongzhi.governance.votes import models as votes
from gongzhi.governance.votes.paper import models as paper
from gongzhi.governance.votes.secret import models as secret

__all__ = ["bodies", "paper", "secret", "votes"]
