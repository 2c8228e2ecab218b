"""The rows of governance: bodies, and what owners decide together."""

from gongzhi.governance.bodies import models as bodies
from gongzhi.governance.votes import models as votes

__all__ = ["bodies", "votes"]
