"""`linli worker` (后台任务): carries notices out, moves what the clock moves, seals the records, erases what is due."""

from __future__ import annotations

import argparse
import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house
from linli.site.cli.speech import tell

TITLE = Text("运行后台任务：通知、到期、清理", "run the background jobs: notices, due times, retention")

log = logging.getLogger("linli.worker")
LOOK_SECONDS = 0.5
A_DAY = 24 * 3600.0


@dataclass
class Job:
    """One job (任务): `run` returns how much it did; it comes again at once while there is more."""

    name: str
    run: Callable[[], int]
    pause: float
    next_at: float = 0.0
    n_failed: int = field(default=0)

    def is_due(self, now: float) -> bool:
        return now >= self.next_at

    def turn(self, now: float) -> int:
        """One turn of the job; a failure is logged, put off for longer each time, and never stops the others."""
        try:
            done = self.run()
        except Exception:
            log.exception("job %s", self.name)
            self.n_failed += 1
            self.next_at = now + min(self.pause * 2**self.n_failed, 300.0)
            return 0
        self.n_failed = 0
        self.next_at = now if done else now + self.pause
        return done


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--once", action="store_true", help=str(Text("把到期的做完就结束", "do what is due, then end"))
    )


def run(options: argparse.Namespace) -> Answer | None:
    open_house()
    jobs = jobs_at_hand()
    if options.once:
        return _once(jobs)
    asked: list[int] = []  # no lock in a signal handler: what it interrupted may hold it
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda number, _: asked.append(number))
    tell("后台任务已启动", "the worker is running")
    while not asked:
        work_round(jobs)
        next_at = min(job.next_at for job in jobs)
        while not asked and (left := next_at - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_SECONDS))
    tell("后台任务已结束", "the worker has ended")
    return None


def work_round(jobs: list[Job]) -> int:
    from django.db import close_old_connections

    close_old_connections()
    return sum(job.turn(time.monotonic()) for job in jobs if job.is_due(time.monotonic()))


def _once(jobs: list[Job]) -> Answer:
    counts = dict.fromkeys((job.name for job in jobs), 0)
    for job in jobs:
        while done := job.turn(time.monotonic()):
            counts[job.name] += done
    failed = [job.name for job in jobs if job.n_failed]
    text = Text(
        "、".join(f"{name} {n}" for name, n in counts.items()),
        ", ".join(f"{name} {n}" for name, n in counts.items()),
    )
    return Answer({"done": counts, "failed": failed}, str(text), ok=not failed)


def jobs_at_hand() -> list[Job]:
    from linli.kernel.exchange.sending import turn as exchange_turn
    from linli.kernel.fieldwork.silence import tell_of_silence
    from linli.kernel.notices.delivery import deliver_due
    from linli.kernel.procedures.engine import tick
    from linli.kernel.procedures.holding import run_due
    from linli.kernel.procedures.registry import JOBS
    from linli.kernel.procedures.sequencing import turn as proof_turn

    return [
        Job("notices", deliver_due, 1.0),
        Job("procedures", tick, 2.0),
        Job("held", run_due, 2.0),
        Job("proof", proof_turn, 5.0),
        Job("exchange", exchange_turn, 2.0),
        Job("silence", tell_of_silence, 300.0),
        *(Job(name, run, every) for name, (run, every) in sorted(JOBS.items())),  # of the domains
        Job("provisional", _recount, A_DAY),
        Job("facts", _erase_facts, A_DAY),
        Job("persons", _erase_persons, A_DAY),
        Job("publicity", _forget_publications, A_DAY),
        Job("uploads", _remove_uploads, A_DAY),
        Job("field", _forget_fieldwork, A_DAY),
        Job("messages", _forget_messages, A_DAY),
        Job("sessions", _clear_sessions, A_DAY),
    ]


def _recount() -> int:
    from linli.kernel.procedures.recount import recount_by_calendar

    return recount_by_calendar().n_changed


# Retention says how much it erased, never whose: in the log, and in the audit list that administrators read.


def _note(**counts: Any) -> None:
    from linli.base.clock import now
    from linli.kernel.people import audit
    from linli.kernel.people.actors import SYSTEM

    if any(counts.values()):
        audit.note("retention.run", by=SYSTEM, at=now(), **counts)


def _erase_facts() -> int:
    from linli.kernel.procedures.retention import erase_due

    erased = erase_due()
    log.info("retention: %d facts of %d cases erased", erased.n_facts, erased.n_cases)
    _note(n_facts=erased.n_facts, n_cases=erased.n_cases)
    return erased.n_facts


def _erase_persons() -> int:
    from linli.kernel.people.retention import erase_due

    report = erase_due().as_dict()
    log.info("retention: persons %s", report)
    _note(**report)
    return 0


def _forget_publications() -> int:
    from linli.kernel.publicity.services import forget_old

    n = forget_old()
    log.info("retention: facts of %d ended publications erased", n)
    _note(n_publications=n)
    return n


def _remove_uploads() -> int:
    from linli.kernel.records.uploads import remove_forgotten

    n = remove_forgotten()
    log.info("retention: %d unused uploads removed", n)
    _note(n_uploads=n)
    return n


def _forget_fieldwork() -> int:
    from linli.kernel.fieldwork.retention import forget

    report = forget().as_dict()
    log.info("retention: field work %s", report)
    _note(**report)
    return 0


def _forget_messages() -> int:
    from linli.kernel.exchange.retention import forget

    n = forget()
    log.info("retention: contents of %d exchanged messages erased", n)
    _note(n_messages=n)
    return n


def _clear_sessions() -> int:
    from django.core.management import call_command

    call_command("clearsessions")
    return 0
