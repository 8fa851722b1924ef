"""Following policy topics (关注政策主题): chosen by the person alone, left by one press, told once of what is new.

A round takes up what was published since the last one and tells each follower once, however many matters and topics it
was. It goes on where it stopped, so that nobody is told twice. No SMS: nobody has to read it at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from linli.base import clock
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.domains.matters.models import MatterVersion
from linli.domains.matters.policy_models import PolicyFollow, PolicyRound
from linli.domains.matters.spec import TOPICS
from linli.kernel.notices.services import queue
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Person
from linli.kernel.places.models import Area

NEWS = "matters.policy_news"
EVERY = 600.0  # seconds between two looks
BATCH = 500  # people told in one transaction
SETTLED = timedelta(minutes=2)  # what is published in this moment may not be written yet
NAMED = 4  # matters named in a notice; of the others their number


def follow(topic: str, *, county: Area, by: Actor, at: datetime | None = None) -> None:
    """Follow a topic (关注主题). Refuses a topic that does not exist (`matters.no_such_topic`), and whoever acts for another.

    Following twice is following once. Nothing is recorded about it elsewhere.
    """
    if topic not in TOPICS:
        raise Invalid(
            "matters.no_such_topic",
            Text("没有这个主题，请从列出的里面选。", "There is no such topic. Choose one of those listed."),
        )
    PolicyFollow.objects.get_or_create(
        person_id=_oneself(by), county=county, topic=topic, defaults={"made_at": at or clock.now()}
    )


def leave(topic: str, *, county: Area, by: Actor) -> None:
    """Stop following a topic (退订), at once. Leaving what was not followed changes nothing."""
    PolicyFollow.objects.filter(person_id=_oneself(by), county=county, topic=topic).delete()


def leave_all(*, by: Actor) -> int:
    """Stop following everything, everywhere (全部退订)."""
    return PolicyFollow.objects.filter(person_id=_oneself(by)).delete()[0]


def _oneself(by: Actor) -> int:
    if by.person_id is None or by.acting is not None:
        raise absent(Text("居民", "resident"))
    return by.person_id


def forget(person: Person) -> None:
    """What somebody followed goes when they are erased (注销时删除)."""
    if person.erased_at is not None:
        PolicyFollow.objects.filter(person=person).delete()


def own_topics(person: Person) -> list[dict[str, str]]:
    """What this person follows, for the copy of their data (个人信息副本)."""
    rows = PolicyFollow.objects.filter(person=person).select_related("county").order_by("county", "topic")
    return [{"county": r.county.code, "topic": r.topic, "since": r.made_at.isoformat()} for r in rows]


def tell_followers(at: datetime | None = None) -> int:
    """Tell whoever follows of what was published since the last round (告知关注者); gives how many were gone through now."""
    at = at or clock.now()
    counties = Area.objects.filter(pk__in=PolicyFollow.objects.values("county")).order_by("code")
    return sum(_go_on(county, at) for county in counties)


@transaction.atomic
def _go_on(county: Area, at: datetime) -> int:
    this = PolicyRound.objects.select_for_update().filter(county=county, ended_at=None).first()
    if this is None and (this := _begun(county, at)) is None:
        return 0
    news = list(_published(county, this.since_at, this.until_at).order_by("matter__code"))
    topics = {topic for version in news for topic in version.topics.split()}
    following = PolicyFollow.objects.filter(county=county, topic__in=topics)
    people = list(
        following.filter(person_id__gt=this.last_person, person__erased_at=None)
        .order_by("person_id")
        .values_list("person_id", flat=True)
        .distinct()[:BATCH]
    )
    chosen: dict[int, dict[str, datetime]] = {}
    for row in following.filter(person_id__in=people):
        chosen.setdefault(row.person_id, {})[row.topic] = row.made_at
    for person in Person.objects.filter(pk__in=people).order_by("pk"):
        if mine := [v for v in news if _concerns(v, chosen[person.pk])]:
            queue(person, NEWS, _said(mine, set(chosen[person.pk])), at=at)
            this.n_told += 1
    this.last_person = people[-1] if people else this.last_person
    this.ended_at = at if len(people) < BATCH else None
    this.save()
    return len(people)


def _concerns(version: MatterVersion, chosen: Mapping[str, datetime]) -> bool:
    """Whether it is news: published after one began to follow one of its topics (关注以后发布的才算)."""
    at = version.published_at
    return at is not None and any(topic in chosen and chosen[topic] < at for topic in version.topics.split())


def _begun(county: Area, at: datetime) -> PolicyRound | None:
    """The next round, where something was published since the last one, or since somebody first followed."""
    last = PolicyRound.objects.filter(county=county).order_by("-until_at").first()
    first = PolicyFollow.objects.filter(county=county).aggregate(at=Min("made_at"))["at"]
    since, until = last.until_at if last else first, at - SETTLED
    if since is None or until <= since or not _published(county, since, until).exists():
        return None
    return PolicyRound.objects.create(county=county, since_at=since, until_at=until)


def _published(county: Area, since: datetime, until: datetime) -> QuerySet[MatterVersion]:
    return MatterVersion.objects.filter(
        Q(published_at__gt=since, published_at__lte=until),
        matter__county=county,
        status=MatterVersion.PUBLISHED,
    ).select_related("matter")


def _said(mine: Sequence[MatterVersion], topics: set[str]) -> dict[str, object]:
    """Which topics, and what is new in them (告知内容): a matter of two topics is named once."""
    about = [TOPICS[t] for t in TOPICS if t in topics and any(t in v.topics.split() for v in mine)]
    names = [v.matter.name for v in mine[:NAMED]]
    said = Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))
    if more := len(mine) - len(names):
        said = Text(f"{said.zh}等 {len(mine)} 项", f"{said.en} and {more} more")
    return {
        "topics": Text("、".join(t.zh for t in about), ", ".join(t.en for t in about)),
        "matters": said,
    }
