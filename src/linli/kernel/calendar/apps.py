from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "linli.kernel.calendar"
    label = "calendar"
    default_auto_field = "django.db.models.BigAutoField"
