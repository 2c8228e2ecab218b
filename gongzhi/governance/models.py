"""The rows of governance: bodies, and what owners decide together."""

from gongzhi.governance.bodies import models as bodies

__all__ = ["bodies"]
