// Today (今天): own work by due time or by distance, in the words of the desk.

import { bundle } from "./bundle.js";
import { tell } from "./bus.js";
import { announce, button, empty, h, link, note } from "./dom.js";
import { apart, here, NoPlace } from "./geo.js";
import { installOffer } from "./install.js";
import { list } from "./queue.js";
import { sync } from "./sync.js";
import { both, due, metres, moment, say } from "./words.js";

let near = null; // the point to measure from, while the list is sorted so; kept nowhere

export async function todayScreen() {
  const brought = await bundle();
  const queued = new Map((await list()).filter((entry) => entry.body.number).map((entry) => [entry.body.number, entry]));
  const title = say("今天", "Today");
  const foot = h("div", { class: "field-do" },
    link(say("巡查", "Patrol"), "patrol", "btn second"), link(say("走访", "Visit"), "visit", "btn second"), link(say("反映一件事", "Report"), "report", "btn second"));
  if (!brought) {
    return { title, foot, body: [empty(say("手机里还没有办件。", "No cases on this phone yet."),
      say("到有信号的地方取一次，之后没有信号也在。拍照、巡查、走访现在就能做。", "Fetch them once where there is a signal; then they are here without one. Photos, patrols and visits work now."),
      button(say("现在取", "Fetch now"), () => sync(), "wide"))] };
  }
  const tasks = sorted(brought.tasks);
  const sort = h("div", { class: "field-sort", role: "group", "aria-label": say("排序", "Order") },
    h("button", { type: "button", "aria-pressed": String(!near), onclick: () => { near = null; tell("redraw", false); } }, say("按时间", "By time")),
    h("button", { type: "button", "aria-pressed": String(Boolean(near)), onclick: byDistance }, say("按远近", "By distance")));
  const late = tasks.filter((task) => due(task.due_at).tone === "late").length;
  return {
    title, foot,
    body: [
      h("p", { class: "small field-made" }, say(`${moment(brought.made_at)} 取的`, `Fetched ${moment(brought.made_at)}`)),
      late > 0 && note("bad", say(`${late} 件已超时，先办这些。`, `${late} late: these first.`)),
      tasks.length > 1 && sort,
      tasks.length ? h("ul", { class: "field-rows" }, tasks.map((task) => row(task, queued.get(task.number))))
        : empty(say("今天没有等您办的事。", "Nothing waits for you today."), say("可以去巡查，或者拍下发现的问题。", "You could walk your patrol, or photograph what you find.")),
      installOffer(),
    ],
  };
}

const sorted = (tasks) => [...tasks].sort((a, b) => (near ? gap(a) - gap(b) : 0) || (a.due_at ?? "9").localeCompare(b.due_at ?? "9"));
const gap = (task) => (near && task.lng !== null ? apart(near, task) : Infinity);

async function byDistance() {
  announce(say("正在定位", "Finding your place"));
  try { near = await here(); } catch (error) {
    if (!(error instanceof NoPlace)) throw error;
    announce(error.message);
    document.querySelector(".field-sort")?.after(note("warn", error.message));
    return;
  }
  tell("redraw", false);
}

export function row(task, queued) {
  const { words, tone } = due(task.due_at);
  const away = gap(task);
  return h("li", { class: `field-row ${tone}` }, h("a", { href: `#/case/${task.number}` },
    h("b", {}, task.title),
    h("span", { class: "where" }, [both(task.step_title), task.place_text, away < Infinity && metres(away)].filter(Boolean).join(" · ")),
    queued ? h("span", { class: "tag jade" }, say("已办，待发", "Done here, to send")) : h("span", { class: `due ${tone}` }, words)));
}
