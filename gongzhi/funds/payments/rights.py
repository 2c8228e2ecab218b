"""Who takes money for charges, gives it back, and looks over the channels. No Django."""

from gongzhi.core.rights import Right
from gongzhi.funds.common.rights import AUDITORS, BUREAU, COMPANY, STREET

WATCHERS = (*BUREAU, *STREET, *AUDITORS)

RIGHTS: tuple[Right, ...] = (
    Right("payment.read", roles=(*COMPANY, *WATCHERS), scope="place_or_party", title="查看收款", place_roles=WATCHERS),
    Right("payment.take", roles=COMPANY, scope="party", title="收款"),
    Right("payment.channel", roles=("property_company",), scope="party", title="设置收款渠道"),
    Right("payment.reconcile", roles=COMPANY, scope="party", title="渠道对账"),
    Right("refund.ask", roles=COMPANY, scope="party", title="申请退款"),
    Right("refund.judge", roles=("property_company",), scope="party", title="审批退款"),
    Right("receipt.void", roles=COMPANY, scope="party", title="作废收据"),
)
