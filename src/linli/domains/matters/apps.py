from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig

from linli.base.i18n import Text

OWN_ENTRIES = (
    "service",
    "assistance",
    "loan",
    "life-event",
    "agency",
    "cross-region",
)
"""Applied for on the page of a matter, not from the general list."""


class MattersConfig(AppConfig):
    name = "linli.domains.matters"
    label = "matters"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.domains.matters import (
            admin_menu,
            application_fields,
            cross_dispute_faces,
            cross_faces,
            cross_fields,
            cross_kinds,
            faces,
            life_events,
            notices,
            policies,
            policy_reads,
        )
        from linli.domains.matters import application_effects as application_effects
        from linli.domains.matters import cross as cross
        from linli.domains.matters import cross_dispute as cross_dispute
        from linli.domains.matters import effects as effects
        from linli.domains.matters import ratings as ratings
        from linli.domains.matters.catalogue_file import export_matters, import_matters
        from linli.kernel.people import hooks
        from linli.kernel.people.elements import elements_file
        from linli.kernel.procedures import registry, roles
        from linli.kernel.procedures.offered import own_entry

        roles.role("examiner", "审批人员", "licensing officer", ("assigned", *roles.OFFICES))
        roles.role("agent", "代办员", "village agent", ("assigned", "village"))
        roles.role("rating_reviewer", "评价管理人员", "ratings officer", roles.OFFICES)
        elements_file(Path(__file__).parent / "elements.toml")
        notices.register()
        application_fields.register()
        life_events.register()
        for code in OWN_ENTRIES:
            own_entry(code)
        faces.register()
        admin_menu.register()
        cross_fields.register()
        cross_faces.register()
        cross_dispute_faces.register()
        cross_kinds.register()
        registry.import_kind("matters", Text("政务服务事项", "matters"), import_matters)
        registry.export_kind("matters", Text("政务服务事项", "matters"), export_matters)
        registry.procedures_folder(Path(__file__).parent / "procedures")
        registry.job("policies", policies.tell_followers, policies.EVERY)
        registry.job("policy-reads", policy_reads.fold, policy_reads.EVERY)
        hooks.register_identity_follower(policies.forget)
        hooks.register_export("policies", policies.own_topics)
        registry.demo_loader(15, _load_catalogue)
        registry.demo_loader(21, _load_demo)
        registry.demo_loader(22, _load_standards)
        registry.demo_loader(23, _load_partners)
        registry.demo_loader(25, _load_applications)


def _load_demo(*args: Any, **kwargs: Any) -> None:
    from linli.domains.matters import demo  # loaded only when it is wanted

    demo.load(*args, **kwargs)


def _load_catalogue(*args: Any, **kwargs: Any) -> None:
    from linli.domains.matters.demo import catalogue

    catalogue.load(*args, **kwargs)


def _load_applications(*args: Any, **kwargs: Any) -> None:
    from linli.domains.matters.demo import applications

    applications.load(*args, **kwargs)


def _load_standards(*args: Any, **kwargs: Any) -> None:
    from linli.domains.matters.demo import standards

    standards.load(*args, **kwargs)


def _load_partners(*args: Any, **kwargs: Any) -> None:
    from linli.domains.matters.demo import partners

    partners.load(*args, **kwargs)
