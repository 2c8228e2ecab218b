from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "gongzhi.contracts"
    label = "contracts"
    verbose_name = "选聘、承接和退出"

    def ready(self) -> None:
        from gongzhi.contracts.references import register

        register()
