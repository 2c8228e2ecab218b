from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "gongzhi.duties"
    label = "duties"
    verbose_name = "职责"

    def ready(self) -> None:
        from gongzhi.duties.references import register

        register()
