// A case on the phone (办件卡片): what, where, photos, and what one may do here.

import { bundle, photo } from "./bundle.js";
import { empty, h, link, note, picture } from "./dom.js";
import { list } from "./queue.js";
import { drawMap } from "./ui-map.js";
import { both, due, KINDS, moment, say } from "./words.js";

export const SITE = "site"; // the action that fills in the site sheet, joined field by field

export const taskOf = async (number) => (await bundle())?.tasks.find((task) => task.number === number) ?? null;

export async function caseScreen(number) {
  const task = await taskOf(number);
  if (!task) {
    return { title: number, back: "today", body: [empty(say("手机里没有这件。可能已经转走或办完，有信号时会更新。", "This case is not on the phone. It may have moved on; it is updated when there is a signal."))] };
  }
  const waiting = (await list()).filter((entry) => entry.body.number === number);
  const { words, tone } = due(task.due_at);
  const { areas } = await bundle();
  const sheet = task.actions.some((action) => action.code === SITE);
  const area = areas.find((each) => each.code === task.area);
  const acts = waiting.some((entry) => entry.kind === "act") ? [] : task.actions.filter((action) => action.code !== SITE);
  return {
    title: task.title,
    back: "today",
    body: [
      h("p", { class: "small num" }, task.number),
      h("p", { class: "flow" }, h("span", { class: "tag jade" }, both(task.step_title)), h("span", { class: `due ${tone}` }, words)),
      waiting.map((entry) => note("ok", say(`${KINDS[entry.kind]()}“${entry.about}”已存在手机里，${moment(entry.at)}，待发。`, `${KINDS[entry.kind]()} “${entry.about}” is kept on the phone since ${moment(entry.at)}, to be sent.`))),
      await photosOf(task),
      h("dl", { class: "kv" },
        task.place_text && [h("dt", {}, say("地点", "Place")), h("dd", {}, task.place_text)],
        area && [h("dt", {}, say("网格", "Grid")), h("dd", {}, say(area.name, area.name_en || area.name))],
        told(task).map((fact) => [h("dt", {}, both(fact.title)), h("dd", {}, shown(fact.value))])),
      task.lng !== null && drawMap({ areas: area ? [area] : areas, points: [task], small: true, label: say(`${task.title}的位置`, `Where: ${task.title}`) }),
    ],
    foot: [
      h("div", { class: "field-acts" },
        acts.filter((action) => !action.adverse).map((action, i) => link(both(action.title), `act/${number}/${action.code}`, i ? "btn second" : "btn first")),
        acts.filter((action) => action.adverse).map((action) => link(both(action.title), `act/${number}/${action.code}`, "btn second")),
        sheet && link(say("现场情况", "Site sheet"), `site/${number}`, "btn second")),
    ],
  };
}

// What was reported first, then the rest (先说是什么事).
const told = ({ facts }) => (facts ?? []).filter((fact) => fact.value).sort((a, b) => (b.code === "description") - (a.code === "description"));

export const shown = (value) => (typeof value === "object" && value !== null ? both(value) : value === true ? say("是", "yes") : value === false ? say("否", "no") : String(value));

export async function photosOf(task) {
  const found = [];
  for (const each of task.photos ?? []) {
    const blob = await photo(each.uid);
    const words = each.kind === "after" ? say("办理后", "after") : say("反映时", "as reported");
    found.push(h("figure", { class: "shot" },
      blob ? picture(blob, say(`${task.title}，${words}`, `${task.title}, ${words}`)) : h("div", { class: "missing" }, say("照片还没取到，有信号时会取", "Not fetched yet: comes with a signal")),
      h("figcaption", {}, words)));
  }
  return found.length ? h("div", { class: "shots" }, found) : null;
}
