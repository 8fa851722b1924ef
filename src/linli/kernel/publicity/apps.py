from django.apps import AppConfig


class PublicityConfig(AppConfig):
    name = "linli.kernel.publicity"
    label = "publicity"
    default_auto_field = "django.db.models.BigAutoField"
