from django.apps import AppConfig


class FundsConfig(AppConfig):
    name = "gongzhi.funds"
    label = "funds"
    verbose_name = "资金"

    def ready(self) -> None:
        from gongzhi.funds.common.references import register
        from gongzhi.funds.maintenance.references import register as register_maintenance
        from gongzhi.funds.payments.references import register as register_payments
        from gongzhi.funds.public_money.references import register as register_public_money

        register()
        register_maintenance()
        register_payments()
        register_public_money()
