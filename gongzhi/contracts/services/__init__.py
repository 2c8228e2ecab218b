"""The face of contracts: choosing a company, inspecting, signing, handing over."""

from gongzhi.contracts.services.bidding import change_method, decline, enter_bid, give_points, invite, seat_judge
from gongzhi.contracts.services.contracting import (
    WRITTEN,
    Terms,
    ask_filing,
    begin_service,
    end_contract,
    file_contract,
    make_effective,
    perform,
    sign_contract,
)
from gongzhi.contracts.services.listing import Line, mark, may_sign, sign
from gongzhi.contracts.services.opening import OfOpening, Opening, choose_method, open_procedure, order_out
from gongzhi.contracts.services.ranked import order_out_by_result
from gongzhi.contracts.services.remarking import answer_remark, make_remark, may_answer
from gongzhi.contracts.services.stepping import (
    COUNTER_PROOF,
    THIRD_PARTY_REPORT,
    Taking,
    may_stop,
    obstacles,
    stop,
    take_step,
)

__all__ = [
    "COUNTER_PROOF",
    "THIRD_PARTY_REPORT",
    "WRITTEN",
    "Line",
    "OfOpening",
    "Opening",
    "Taking",
    "Terms",
    "answer_remark",
    "ask_filing",
    "begin_service",
    "change_method",
    "choose_method",
    "decline",
    "end_contract",
    "enter_bid",
    "file_contract",
    "give_points",
    "invite",
    "make_effective",
    "make_remark",
    "mark",
    "may_answer",
    "may_sign",
    "may_stop",
    "obstacles",
    "open_procedure",
    "order_out",
    "order_out_by_result",
    "perform",
    "seat_judge",
    "sign",
    "sign_contract",
    "stop",
    "take_step",
]
