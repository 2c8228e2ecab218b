from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "gongzhi.proof"
    label = "proof"
    verbose_name = "存证"
