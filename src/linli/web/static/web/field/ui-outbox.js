// To send (待发): what is still on the phone, what became of the rest.

import { bundle } from "./bundle.js";
import { tell } from "./bus.js";
import { button, confirmed, empty, h, link, note, picture, sound } from "./dom.js";
import { fileOf, list, one, receipts, retry, seenAll, takeBack } from "./queue.js";
import { takeSealed } from "./seal.js";
import { line, sync } from "./sync.js";
import { both, KINDS, length, lineWords, moment, say, size } from "./words.js";

const stateOf = (entry) => {
  if (entry.refused) return h("span", { class: "due late" }, say("服务器没有收，要看一下", "Not taken: look at it"));
  if (entry.attempted) return h("span", { class: "due soon" }, say("正在发，等回执", "On its way, no receipt yet"));
  return h("span", { class: "due" }, say("已存在手机里", "Kept on the phone"));
};
const STATES = {
  done: () => [say("办好了", "Done"), "jade"],
  merged: () => [say("已合并，有不同处等负责人定", "Joined; the lead settles what differs"), "amber"],
  kept: () => [say("已收下，等负责人定", "Kept; the lead decides"), "amber"],
  twice: () => [say("同号两份，都留着", "Two under one number, both kept"), "amber"],
};

export async function outboxScreen() {
  const waiting = await list();
  const past = await receipts();
  const decided = new Map(((await takeSealed("arrivals")) ?? []).filter((each) => each.decided_at).map((each) => [each.id, each]));
  await seenAll();
  const title = say("待发", "To send");
  return {
    title,
    body: [
      h("p", { class: "lead", id: "standing" }, lineWords(line.state, waiting.length)),
      waiting.length > 0 && button(say("现在发送", "Send now"), () => sync(), "wide", { disabled: line.state === "sending" }),
      waiting.length ? h("ul", { class: "field-rows" }, waiting.map((entry) => h("li", { class: "field-row" }, h("a", { href: `#/entry/${entry.id}` },
        h("b", {}, entry.about || KINDS[entry.kind]?.()),
        h("span", { class: "where" }, [KINDS[entry.kind]?.(), moment(entry.at), entry.files.length && say(`${entry.files.length} 个文件`, `${entry.files.length} files`)].filter(Boolean).join(" · ")), stateOf(entry)))))
        : empty(say("没有要发的。", "Nothing to send."), say("存下的内容有信号时自动发出，收到回执才从手机里去掉。", "What you keep goes out by itself when there is a signal, and leaves the phone only with a receipt.")),
      past.length > 0 && h("h2", { class: "gap-top" }, say("回执", "Receipts")),
      h("ul", { class: "field-rows" }, past.slice(0, 50).map((receipt) => {
        const [words, tone] = (STATES[receipt.state] ?? STATES.kept)();
        return h("li", { class: "field-row" }, h("div", {}, h("b", {}, receipt.about || KINDS[receipt.kind]?.()),
          h("span", { class: "where" }, [receipt.number, receipt.at && moment(receipt.at)].filter(Boolean).join(" · ")),
          h("span", { class: `tag ${tone}` }, words), receipt.state !== "done" && !decided.has(receipt.id) && both(receipt.words) && h("p", {}, both(receipt.words)), decision(decided.get(receipt.id))));
      })),
    ],
  };
}

const decision = (made) => made && h("p", {}, say("负责人：", "The lead: "), both(made.decision_title), made.decision_words && say(`。${made.decision_words}`, `. ${made.decision_words}`), ` · ${moment(made.decided_at)}`);

export async function entryScreen(id) {
  const entry = await one(id);
  const title = say("一条待发", "An entry to send");
  if (!entry) return { title, back: "outbox", body: [empty(say("这条已发出，回执在待发页下面。", "This one was sent; its receipt is below the list."))] };
  const files = [];
  for (const file of entry.files) {
    const bytes = await fileOf(entry, file.sha256);
    const blob = new Blob([bytes], { type: file.type });
    files.push(h("figure", { class: "shot" }, file.type.startsWith("audio/") ? sound(blob) : picture(blob, say("随这条发的照片", "Photo of this entry")), h("figcaption", {}, size(file.size))));
  }
  const back = async () => {
    if (!(await confirmed(say("撤回后，这条和它的照片会从手机里删掉，单位不会收到。", "Taken back, this entry and its photos are deleted from the phone and the office never gets them."), say("撤回并删掉", "Take back and delete"), { risky: true }))) return;
    try { await takeBack(id); location.hash = "#/outbox"; } catch { tell("redraw", false); }
  };
  return {
    title, back: "outbox",
    body: [
      h("p", { class: "lead" }, entry.about), h("p", {}, stateOf(entry), " · ", moment(entry.at), " · ", say(`等了 ${length(Date.now() - entry.at)}`, `waiting ${length(Date.now() - entry.at)}`)),
      entry.refused && note("bad", both(entry.words) || say("服务器没有收下这条。内容还在手机里。", "The server did not take it. It is still on the phone.")),
      h("dl", { class: "kv" }, (await facts(entry)).map(([title, value]) => [h("dt", {}, title), h("dd", {}, value)])),
      files.length > 0 && h("div", { class: "shots" }, files),
      h("p", { class: "small num" }, say("校验码 ", "Digest "), entry.digest.slice(0, 16)),
    ],
    foot: [h("div", { class: "field-acts" },
      button(say("现在发送", "Send now"), async () => { await retry(id); await sync(); }, "wide"),
      !entry.attempted && link(say("改一改", "Change"), `change/${id}`, "btn second"),
      !entry.attempted && button(say("撤回", "Take back"), back, "second"))],
  };
}

const OWN = {
  description: () => say("情况", "What"), place_text: () => say("地点", "Place"), number: () => say("编号", "Number"), text: () => say("看到什么", "Seen"),
  request: () => say("诉求", "Request"), consent: () => say("同意记录", "Consent"), wants_answer: () => say("要答复", "Answer wanted"), checked: () => say("看过了哪些", "Looked at"),
};

// An entry in the words of its form (内容): codes stay inside.
async function facts({ body }) {
  const brought = await bundle();
  const task = brought?.tasks.find((each) => each.number === body.number);
  const forms = [...(task?.actions ?? []), ...(brought?.report ? [brought.report] : []), ...(brought?.visit ? [brought.visit] : [])].flatMap((form) => form.fields ?? []);
  const checks = { code: "checked", choices: brought?.patrol?.checked ?? [] };
  const area = brought?.areas.find((each) => each.code === body.area);
  const fieldOf = (code) => [...forms, checks].find((each) => each.code === code);
  const words = (code, value) => [value].flat().map((one) => {
    const choice = fieldOf(code)?.choices?.find((each) => each.value === one);
    return choice ? both(choice.label) : typeof one === "boolean" ? (one ? say("是", "yes") : say("否", "no")) : String(one);
  }).join(say("、", ", "));
  const rows = Object.entries({ ...body, ...body.data, ...body.fields })
    .filter(([code, value]) => (OWN[code] || fieldOf(code)) && value !== null && code !== "category")
    .map(([code, value]) => [OWN[code]?.() ?? both(fieldOf(code).title), words(code, value)]);
  const category = brought?.report?.categories?.find((each) => each.key === body.category);
  if (category) rows.push([say("类别", "Category"), say(category.name, category.name_en)]);
  if (area) rows.push([say("网格", "Grid"), say(area.name, area.name_en || area.name)]);
  if (body.accuracy_m) rows.push([say("位置", "Position"), say(`已取，误差 ±${body.accuracy_m} 米`, `taken, ±${body.accuracy_m} m`)]);
  return rows;
}
