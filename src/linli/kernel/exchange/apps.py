from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "linli.kernel.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.kernel.exchange import declared

        declared.register()
