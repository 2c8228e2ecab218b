"""Who sets prices, bills, takes money, and who watches over it. No Django."""

from gongzhi.core.rights import Right
from gongzhi.funds.common.rights import BUREAU, COMMITTEE, COMMUNITY, COMPANY, OVERSEERS, STREET

PRICES = ("development_reform", "market_regulation", *BUREAU)

RIGHTS: tuple[Right, ...] = (
    Right("fee.bill", roles=COMPANY, scope="party", title="物业费出账和约定"),
    Right("fee.settle", roles=COMPANY, scope="party", title="登记物业费收款"),
    Right("fee.refund", roles=COMPANY, scope="party", title="退还物业费"),
    Right("fee.show", roles=COMPANY, scope="party", title="登记收费公示"),
    Right("fee.demand", roles=COMPANY, scope="party", title="催告和处理欠费"),
    Right("fee.object", roles=(*COMPANY, "owner"), scope="party", title="对欠费提出意见"),
    Right("fee.clear", roles=(*COMPANY, "owner"), scope="party", title="出具清零证明"),
    Right("fee.mark", roles=("owner",), scope="party", title="标注身份类别"),
    Right("fee.own", roles=("owner",), scope="party", title="查看自己的账单"),
    Right(
        "fee.units",
        roles=(*COMPANY, *COMMUNITY),
        scope="place_or_party",
        title="查看逐户的物业费",
        place_roles=COMMUNITY,
    ),
    Right("fee.remind", roles=COMMITTEE, title="提醒业主按时交费"),
    Right("fee.confirm", roles=COMMUNITY, title="确认正当理由"),
    Right("fee.help", roles=(*COMMITTEE, *COMMUNITY, "building_steward", "mediation_room"), title="协助催缴"),
    Right("fee.release", roles=(*STREET, *BUREAU), title="拨付托管的物业费"),
    Right(
        "fee.read",
        roles=(*OVERSEERS, *COMMITTEE, *COMPANY, "development_reform", "market_regulation"),
        scope="place_or_party",
        title="查看物业收费",
        place_roles=(*OVERSEERS, *COMMITTEE, "project_manager", "development_reform", "market_regulation"),
    ),
    Right("price.guide", roles=("development_reform",), title="制定政府指导价"),
    Right("price.sign", roles=PRICES, title="会签政府指导价"),
    Right("price.file", roles=PRICES, title="收费备案"),
    Right("price.inspect", roles=(*PRICES, *STREET), title="检查收费公示"),
)
