from django.apps import AppConfig, apps


class CoreConfig(AppConfig):
    name = "gongzhi.core"
    label = "core"
    verbose_name = "核心"

    def ready(self) -> None:
        from gongzhi.core import documents, messages, rights, sms

        rights.collect(
            f"{config.name}.rights" for config in apps.get_app_configs() if config.name.startswith("gongzhi.")
        )
        documents.register()
        messages.SENDERS[sms.CHANNEL] = sms.send
        messages.TAKERS[sms.CHANNEL] = sms.takes
