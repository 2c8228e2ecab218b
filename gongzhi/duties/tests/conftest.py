from gongzhi.core.tests.fixtures import _fresh_connection, cast, committed, now, quiet, quiet_cast

__all__ = ["_fresh_connection", "cast", "committed", "now", "quiet", "quiet_cast"]
