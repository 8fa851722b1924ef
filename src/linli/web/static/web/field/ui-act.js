// Acting on a case without a signal (现场办理), and the site sheet that two people may fill in at once.

import { announce, button, empty, h, note } from "./dom.js";
import { add, changing, OnItsWay } from "./queue.js";
import { photosOf, SITE, taskOf } from "./ui-case.js";
import { Form, isFile } from "./ui-form.js";
import { both, say } from "./words.js";

export const kept = () => announce(say("已存在手机里。有信号就自动发送。", "Kept on the phone. It goes out by itself when there is a signal."));

const lost = (number) => ({ title: number, back: "today", body: [empty(say("手机里没有这件了，请回到今天的列表。", "This case is no longer on the phone: go back to the list."))] });

// Changed, an entry keeps its moment and goes out in place of the one before.
export const draftOf = (of, name) => (of ? changing(of.id) : name);
const wordsFor = (of, words) => (of ? say("存下改动", "Keep the change") : words);
const FULL = () => say("没有存下来，手机可能满了。请清出空间再试；写的内容还在这一页。", "It was not kept: the phone may be full. Make room and try again; what you wrote is still here.");
const GONE = () => say("改动没有存下：这条已经在发送了。要补充的话，请另记一条；写的内容还在这一页，可以抄过去。", "The change was not kept: this entry is already being sent. Note what is missing as a new one; what you wrote is still here to copy.");

// The big button at the bottom: checks, writes down, and only then says so. `of`: the unsent entry it replaces.
export function keepButton(words, form, make, then, { more = () => [], of = null } = {}) {
  const yes = button(wordsFor(of, words), async () => {
    if (!form.check(more())) return;
    yes.disabled = true;
    try {
      await form.keep();
      await add(await make(), of ? { replaces: of.id, madeAt: new Date(of.at) } : {});
      await form.done();
    } catch (error) {
      console.warn(error);
      yes.disabled = false;
      const failed = h("div", { role: "alert", tabindex: "-1" }, note("bad", error instanceof OnItsWay ? GONE() : FULL()));
      form.element.prepend(failed);
      failed.focus();
      return;
    }
    location.hash = `#/${of ? "outbox" : then}`;
    kept();
  }, "wide");
  return yes;
}

export async function actScreen(number, code, of = null) {
  const task = await taskOf(number);
  const action = task?.actions.find((each) => each.code === code);
  if (!action) return lost(number);
  const beside = action.fields.some((field) => field.type === "photos") ? [...((await photosOf(task))?.childNodes ?? [])] : [];
  const form = new Form(action.fields, draftOf(of, `act:${number}:${code}`), { beside, of, values: of?.body.data });
  const make = () => ({
    kind: "act",
    body: { number, action: code, seq: of?.body.seq ?? task.seq, data: form.data() },
    files: form.filesForEntry(),
    about: `${both(action.title)} · ${task.title}`,
  });
  return {
    title: both(action.title),
    back: of ? `entry/${of.id}` : `case/${number}`,
    body: [h("p", { class: "lead" }, task.title),
      action.adverse && note("warn", say("这一步对当事人不利，请写清理由和依据，会告知本人。", "This step goes against the person: give the reason and the basis; they will be told.")),
      await form.draw()],
    foot: [keepButton(say("存下，等着发送", "Keep it, to be sent"), form, make, "today", { of })],
  };
}

// Fields are merged one by one at the office; `base` is what stood there when this phone last heard (现场情况).
export async function siteScreen(number, of = null) {
  const task = await taskOf(number);
  const sheet = task?.actions.find((action) => action.code === SITE);
  if (!sheet) return lost(number);
  const stood = Object.fromEntries(sheet.fields.filter((field) => !isFile(field)).map((field) => [field.code, task.raw?.[field.code] ?? null]));
  const base = { ...stood, ...of?.body.base };
  const form = new Form(sheet.fields.map((field) => ({ ...field, required: false })), draftOf(of, `site:${number}`), { values: { ...base, ...of?.body.fields }, of });
  const changed = () => {
    const now = form.data();
    return Object.fromEntries(Object.entries(now).map(([code, value]) => [code, String(value)]).filter(([code, value]) => value !== String(base[code] ?? "")));
  };
  const make = () => {
    const fields = changed();
    return { kind: "note", body: { number, base: Object.fromEntries(Object.keys(fields).map((code) => [code, base[code]])), fields }, files: form.filesForEntry(), about: task.title };
  };
  const none = () => (Object.keys(changed()).length || form.files.length ? [] : [{ code: sheet.fields[0].code, words: say("还没有写新的情况。", "Nothing new was written yet.") }]);
  return {
    title: say("现场情况", "Site sheet"),
    back: of ? `entry/${of.id}` : `case/${number}`,
    body: [h("p", { class: "lead" }, task.title), h("p", { class: "hint" }, say("只写看到的。别人也在写同一件时，各项分开合并；同一项不一样的，由负责人来定。", "Only what you see. When others write too, the fields are joined one by one; where one field differs, the lead decides.")),
      await form.draw()],
    foot: [keepButton(say("存下，等着发送", "Keep it, to be sent"), form, make, `case/${number}`, { more: none, of })],
  };
}
