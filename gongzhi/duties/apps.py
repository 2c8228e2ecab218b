from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "gongzhi.duties"
    label = "duties"
    verbose_name = "职责"

    def ready(self) -> None:
        from gongzhi.core import services as core
        from gongzhi.duties.references import register
        from gongzhi.duties.services.moving import IN_HAND

        register()
        core.register_holdings(IN_HAND)
