// Acting on a case without a signal (现场办理), and the site sheet that two people may fill in at once.

import { announce, button, empty, h, note } from "./dom.js";
import { add } from "./queue.js";
import { photosOf, SITE, taskOf } from "./ui-case.js";
import { Form, isFile } from "./ui-form.js";
import { both, say } from "./words.js";

export const kept = () => announce(say("已存在手机里。有信号就自动发送。", "Kept on the phone. It goes out by itself when there is a signal."));

const lost = (number) => ({ title: number, back: "today", body: [empty(say("手机里没有这件了，请回到今天的列表。", "This case is no longer on the phone: go back to the list."))] });

// The big button at the bottom: checks, writes down, and only then says so.
export function keepButton(words, form, make, then, more = () => []) {
  const yes = button(words, async () => {
    if (!form.check(more())) return;
    yes.disabled = true;
    try {
      await form.keep();
      await add(await make());
      await form.done();
    } catch (error) {
      console.warn(error);
      yes.disabled = false;
      form.element.prepend(note("bad", say("没有存下来，手机可能满了。请清出空间再试；写的内容还在这一页。", "It was not kept: the phone may be full. Make room and try again; what you wrote is still here.")));
      return;
    }
    location.hash = `#/${then}`;
    kept();
  }, "wide");
  return yes;
}

export async function actScreen(number, code) {
  const task = await taskOf(number);
  const action = task?.actions.find((each) => each.code === code);
  if (!action) return lost(number);
  const beside = action.fields.some((field) => field.type === "photos") ? [...((await photosOf(task))?.childNodes ?? [])] : [];
  const form = new Form(action.fields, `act:${number}:${code}`, { beside });
  const make = () => ({
    kind: "act",
    body: { number, action: code, seq: task.seq, data: form.data() },
    files: form.filesForEntry(),
    about: `${both(action.title)} · ${task.title}`,
  });
  return {
    title: both(action.title),
    back: `case/${number}`,
    body: [h("p", { class: "lead" }, task.title),
      action.adverse && note("warn", say("这一步对当事人不利，请写清理由和依据，会告知本人。", "This step goes against the person: give the reason and the basis; they will be told.")),
      await form.draw()],
    foot: [keepButton(say("存下，等着发送", "Keep it, to be sent"), form, make, "today")],
  };
}

// Fields are merged one by one at the office; `base` is what stood there when this phone last heard (现场情况).
export async function siteScreen(number) {
  const task = await taskOf(number);
  const sheet = task?.actions.find((action) => action.code === SITE);
  if (!sheet) return lost(number);
  const base = Object.fromEntries(sheet.fields.filter((field) => !isFile(field)).map((field) => [field.code, task.raw?.[field.code] ?? null]));
  const form = new Form(sheet.fields.map((field) => ({ ...field, required: false })), `site:${number}`, { values: base });
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
    back: `case/${number}`,
    body: [h("p", { class: "lead" }, task.title), h("p", { class: "hint" }, say("只写看到的。别人也在写同一件时，各项分开合并；同一项不一样的，由负责人来定。", "Only what you see. When others write too, the fields are joined one by one; where one field differs, the lead decides.")),
      await form.draw()],
    foot: [keepButton(say("存下，等着发送", "Keep it, to be sent"), form, make, `case/${number}`, none)],
  };
}
