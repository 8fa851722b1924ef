"""The verbs of people (人员模块的全部写操作): one transaction each."""

from linli.kernel.people.services.accounts import (
    create_account,
    reset_second_factor,
    revise_account,
    set_active,
    set_password,
)
from linli.kernel.people.services.delegation import delegate, end_delegation
from linli.kernel.people.services.looks import record_look, record_search, reveal
from linli.kernel.people.services.posts import (
    appoint,
    close_post,
    create_organisation,
    create_post,
    end_appointment,
    revise_organisation,
    revise_post,
    set_hours,
)
from linli.kernel.people.services.residents import (
    correct_person,
    create_resident_account,
    export_person,
    fill_in,
    find_or_create_person,
    search_people,
)
from linli.kernel.people.services.tokens import account_for_token, make_token, revoke_token

__all__ = [
    "account_for_token",
    "appoint",
    "close_post",
    "correct_person",
    "create_account",
    "create_organisation",
    "create_post",
    "create_resident_account",
    "delegate",
    "end_appointment",
    "end_delegation",
    "export_person",
    "fill_in",
    "find_or_create_person",
    "make_token",
    "record_look",
    "record_search",
    "reset_second_factor",
    "reveal",
    "revise_account",
    "revise_organisation",
    "revise_post",
    "revoke_token",
    "search_people",
    "set_active",
    "set_hours",
    "set_password",
]
