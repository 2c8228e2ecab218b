from django.apps import AppConfig


class FundsConfig(AppConfig):
    name = "gongzhi.funds"
    label = "funds"
    verbose_name = "资金"

    def ready(self) -> None:
        from django.db.models import Q

        from gongzhi.core import services as core
        from gongzhi.funds.charges.references import register as register_charges
        from gongzhi.funds.charges.services.debts_sheet import BOOK as OLD_DEBTS
        from gongzhi.funds.charges.services.sheet import BOOK as TARIFFS
        from gongzhi.funds.common.models import SupervisedAccount
        from gongzhi.funds.common.references import register
        from gongzhi.funds.maintenance.models import FundUse
        from gongzhi.funds.maintenance.references import register as register_maintenance
        from gongzhi.funds.maintenance.services.balances_sheet import BOOK as BALANCES
        from gongzhi.funds.payments.references import register as register_payments
        from gongzhi.funds.public_money.references import register as register_public_money
        from gongzhi.funds.revenue.references import register as register_revenue
        from gongzhi.registry.services.imports import register_book_kind

        register()
        register_charges()
        register_maintenance()
        register_payments()
        register_public_money()
        register_revenue()
        register_book_kind(TARIFFS)
        register_book_kind(OLD_DEBTS)
        register_book_kind(BALANCES)
        core.register_holdings(
            core.by_column("管理的账户", SupervisedAccount, "keeper", still=Q(to_on=None), counter="个"),
            core.by_column("监管的账户", SupervisedAccount, "supervisor", still=Q(to_on=None), counter="个"),
            core.by_column("没办完的资金使用", FundUse, "applicant", still=Q(state="running")),
        )
