"""The verbs of the registers (登记的写操作): one transaction each, noted, never past the owner of a datum."""

from linli.domains.registers.services.checking import checked
from linli.domains.registers.services.correcting import AT_THE_COUNTER, CORRECTABLE, correct
from linli.domains.registers.services.entering import BY_HAND, enter_resident, register_resident
from linli.domains.registers.services.moving import move, move_household, move_household_out, move_out
from linli.domains.registers.services.names import enter_keys, follow_identity
from linli.domains.registers.services.once import enter_once

__all__ = [
    "AT_THE_COUNTER",
    "BY_HAND",
    "CORRECTABLE",
    "checked",
    "correct",
    "enter_keys",
    "enter_once",
    "enter_resident",
    "follow_identity",
    "move",
    "move_household",
    "move_household_out",
    "move_out",
    "register_resident",
]
