from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "linli.kernel.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.base.i18n import Text
        from linli.kernel.notices import defaults, supervision  # noqa: F401  (register the kernel's own templates)
        from linli.kernel.people.purposes import PersonalField, declare

        declare(
            PersonalField(
                "notices.notice.address",
                Text("通知地址", "address of a notice"),
                Text(
                    "把办理进度送到当事人给出的电话或邮箱",
                    "to bring news of a case to the phone or address given for it",
                ),
                Text("履行法定职责（个人信息保护法第13条）", "statutory duty (PIPL 13)"),
                Text("不展示", "nobody"),
                Text("送达后随通知保存", "with the notice"),
            )
        )
