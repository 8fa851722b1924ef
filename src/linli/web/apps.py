from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "linli.web"
    label = "web"

    def ready(self) -> None:
        from linli.web import desk_entries, desk_menu, finding, hands, publications, resident_entries
        from linli.web.field import menu as field_menu
        from linli.web.views.admin import menu

        desk_entries.register()
        desk_menu.register()
        finding.register()
        hands.register()
        resident_entries.register()
        publications.register()
        menu.register()
        field_menu.register()
