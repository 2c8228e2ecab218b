"""What contracts say to other parts: the repairs that an estate's contract leaves to its company."""

from collections.abc import Sequence
from datetime import date

from gongzhi.contracts.queries import contract_on
from gongzhi.funds.maintenance.queries.repairs import register_agreed_repairs
from gongzhi.registry.models import Estate


def repairs_of(estate: Estate, on: date) -> Sequence[str]:
    row = contract_on(estate, on)
    return row.repairs if row is not None else ()


def register() -> None:
    register_agreed_repairs(repairs_of)
