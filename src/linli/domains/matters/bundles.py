"""Several matters done as one (一件事): one form and one set of papers, made of those of its matters. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from linli.base.i18n import Text
from linli.domains.matters import spec as s
from linli.domains.matters.reading import read_fields


@dataclass(frozen=True)
class Part:
    """One matter of a bundle (一件事里的事项): for whom, and after which others."""

    code: str
    when: Mapping[str, Any] | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class BundleSpec:
    """A life event (一件事)."""

    code: str
    title: Text
    short: Text
    topics: tuple[str, ...]
    words: tuple[str, ...]
    parts: tuple[Part, ...]
    fields: tuple[s.FormField, ...]  # what decides which matters it takes
    policy: Text | None = None

    def parts_for(self, answers: Mapping[str, Any]) -> list[Part]:
        """The matters that somebody who answers like this needs, each after those it waits for (要办的事项)."""
        return [p for p in self.parts if s.holds(p.when, answers)]


@dataclass(frozen=True)
class Once:
    """A question or paper that is asked once (只问一次): its code in the one form, and what each matter calls it."""

    code: str
    item: s.FormField | s.Material
    own: tuple[tuple[str, str], ...]  # matter → its own code


@dataclass(frozen=True)
class OneForm:
    """What is asked once for all of it (一张表单、一套材料)."""

    fields: tuple[Once, ...]
    materials: tuple[Once, ...]
    n_spared: int  # questions and papers that the matters would ask again one by one

    def answers_for(self, matter: str, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers to one matter's own questions (分给各事项)."""
        return {
            own: answers[once.code]
            for once in self.fields
            for code, own in once.own
            if code == matter and once.code in answers
        }


def read_bundle(raw: Mapping[str, Any]) -> BundleSpec:
    """Read a life event (读一件事)."""
    return BundleSpec(
        code=str(raw["code"]),
        title=s.two_languages(raw["title"]),
        short=s.two_languages(raw["short"]),
        topics=s.words_of(raw.get("topics")),
        words=s.words_of(raw.get("words")),
        parts=tuple(Part(str(p["code"]), p.get("if"), s.words_of(p.get("after"))) for p in raw["matters"]),
        fields=read_fields(raw),
        policy=s.perhaps_text(raw.get("policy")),
    )


def faults(bundle: BundleSpec, known: Iterable[str]) -> list[Text]:
    """What is wrong with a life event (检查一件事): a matter that does not exist, or waits for a later one."""
    there, seen, found = set(known), set[str](), list[Text]()
    for part in bundle.parts:
        if part.code not in there:
            found.append(Text(f"没有事项 {part.code}。", f"There is no matter {part.code}."))
        for earlier in part.after:
            if earlier not in seen:
                found.append(
                    Text(
                        f"{part.code} 要等的 {earlier} 排在它后面或者不在里面。",
                        f"{part.code} waits for {earlier}, which comes later or is not in it.",
                    )
                )
        asked = s.names_in(part.when) - {f.code for f in bundle.fields}
        found += [
            Text(f"条件里的 {a} 不是表单项。", f"The condition asks {a}, which is no field.")
            for a in sorted(asked)
        ]
        seen.add(part.code)
    return found


def one_form(bundle: BundleSpec, specs: Iterable[s.MatterSpec]) -> OneForm:
    """One form, one set of papers (合并表单和材料): the same element, or else the same words, is asked once."""
    specs = list(specs)
    fields = _once([("", bundle.fields), *((spec.code, spec.questions) for spec in specs)])
    made = {spec.result.title.zh for spec in specs}  # what one of them issues is not asked for by another
    materials = _once([(spec.code, [m for m in spec.materials if m.title.zh not in made]) for spec in specs])
    n = len(bundle.fields) + sum(len(spec.questions) + len(spec.materials) for spec in specs)
    return OneForm(fields, materials, n - len(fields) - len(materials))


def _once(asked: Iterable[tuple[str, Iterable[s.FormField] | Iterable[s.Material]]]) -> tuple[Once, ...]:
    found: dict[str, Once] = {}
    taken: set[str] = set()
    for matter, items in asked:
        for item in items:
            key = item.element or item.title.zh
            before = found.get(key)
            if before is None:
                code = item.code if item.code not in taken else f"{matter}-{item.code}"
                found[key] = Once(code, item, ((matter, item.code),))
                taken.add(code)
            else:
                kept = before.item if before.item.when is None or item.when is not None else item
                found[key] = Once(before.code, kept, (*before.own, (matter, item.code)))
    return tuple(found.values())
