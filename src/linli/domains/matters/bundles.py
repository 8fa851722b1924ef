"""Several matters done as one (一件事): one form and one set of papers, made of those of its matters. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
class OneForm:
    """What is asked once for all of it (一张表单、一套材料)."""

    fields: tuple[s.FormField, ...]
    materials: tuple[s.Material, ...]
    n_spared: int  # questions and papers that the matters would ask again one by one


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
    """One form, one set of papers (合并表单和材料): what several ask is asked once, known by element or else by code."""
    fields: dict[str, s.FormField] = {f.element or f.code: f for f in bundle.fields}
    materials: dict[str, s.Material] = {}
    n = len(fields)
    for spec in specs:
        for asked in spec.fields:
            n += 1
            fields.setdefault(asked.element or asked.code, asked)
        for material in spec.materials:
            n += 1
            before = materials.setdefault(material.code, material)
            if before.when and not material.when:  # one of them wants it always
                materials[material.code] = replace(before, when=None, need=material.need)
    return OneForm(tuple(fields.values()), tuple(materials.values()), n - len(fields) - len(materials))
