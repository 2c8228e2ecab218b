from django.apps import AppConfig


class PatrolsConfig(AppConfig):
    name = "gongzhi.patrols"
    label = "patrols"
    verbose_name = "巡查和隐患"

    def ready(self) -> None:
        from gongzhi.core import services as core
        from gongzhi.patrols.holdings import IN_HAND
        from gongzhi.patrols.references import register

        register()
        core.register_holdings(*IN_HAND)
