"""The pages of duties."""

from gongzhi.duties.views.bulk import act, fulfil_many
from gongzhi.duties.views.calendar import calendar
from gongzhi.duties.views.desk import desk, export, owed, today_list
from gongzhi.duties.views.detail import detail, do
from gongzhi.duties.views.tasks import tasks
from gongzhi.duties.views.units import unit, units

__all__ = [
    "act",
    "calendar",
    "desk",
    "detail",
    "do",
    "export",
    "fulfil_many",
    "owed",
    "tasks",
    "today_list",
    "unit",
    "units",
]
