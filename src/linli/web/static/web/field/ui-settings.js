// More (更多): this phone, its PIN, the rescue file, leaving.

import { bundle } from "./bundle.js";
import { tell } from "./bus.js";
import { button, confirmed, h, link, note } from "./dom.js";
import { installing } from "./install.js";
import { counts } from "./queue.js";
import { rescueFiles } from "./rescue.js";
import { changePin, takeSealed, WrongPin } from "./seal.js";
import { note as known } from "./store.js";
import { closeUp, leave, line, sync } from "./sync.js";
import { lang, lineWords, moment, say, size, speak } from "./words.js";

export async function settingsScreen() {
  const { n_unsent } = await counts();
  const about = await takeSealed("about");
  const brought = await bundle();
  const persisted = Boolean(await navigator.storage?.persisted?.());
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const contact = await known("contact_at");
  const until = await known("bundle_until");
  const worker = about?.worker ?? brought?.worker;
  const asking = button(say("请手机别清掉", "Ask the phone to keep it"), async () => { await navigator.storage.persist(); tell("redraw", false); }, "second wide");
  const out = async () => {
    if (n_unsent) { await confirmed(say(`还有 ${n_unsent} 条没有发出。先发出或导出救急文件，再退出。`, `${n_unsent} entries were not sent. Send them or export the rescue file first.`), say("知道了", "I see")); return; }
    if (await confirmed(say("退出后，这台手机上的内容全部清除。", "Signing out erases everything on this phone."), say("退出并清除", "Sign out and erase"), { risky: true })) await leave();
  };
  const other = lang() === "zh" ? "en" : "zh";
  return {
    title: say("更多", "More"),
    body: [
      worker && h("p", { class: "lead" }, say(worker.name, worker.name_en || worker.name), about?.label && h("span", { class: "small" }, ` · ${about.label}`)),
      h("dl", { class: "kv" },
        h("dt", {}, say("联系单位", "Contact")), h("dd", {}, contact ? moment(contact) : say("还没有", "not yet"), " · ", lineWords(line.state, n_unsent)),
        until && [h("dt", {}, say("离线内容", "Copies")), h("dd", {}, say(`没有联系的话，${moment(until)} 自动删除`, `deleted ${moment(until)} without contact`))],
        h("dt", {}, say("占用", "Space")), h("dd", {}, quota ? say(`${size(usage)}，可用 ${size(quota)}`, `${size(usage)} of ${size(quota)}`) : size(usage)),
        h("dt", {}, say("长期保存", "Kept for good")), h("dd", {}, persisted ? say("手机答应不清掉", "the phone has promised") : say("手机没有答应：空间紧张时可能清掉没发的内容", "not promised: when space is short the phone may clear what is unsent"))),
      !persisted && navigator.storage?.persist && h("div", { class: "stack" }, h("p", { class: "hint" }, say("把应用装到桌面（浏览器菜单里“添加到主屏幕”），手机一般就会答应。", "Install it on the home screen (“Add to home screen” in the browser's menu), and the phone usually promises.")), asking),
      h("div", { class: "stack gap-top" },
        installing(),
        button(say("现在联系单位", "Contact the office now"), () => sync(), "wide"),
        button(say("马上锁屏", "Lock now"), () => { closeUp(); tell("locked"); }, "second wide"),
        link(say("换 PIN", "Change the PIN"), "pin", "btn second wide"),
        link(say("导出救急文件", "Export the rescue file"), "rescue", "btn second wide"),
        button(other === "zh" ? "中文" : "English", () => { speak(other); tell("redraw", false); }, "second wide", { lang: other === "zh" ? "zh-Hans" : "en" }),
        link(say("重新登记这台手机", "Enrol this phone again"), "enrol", "btn second wide"),
        h("a", { class: "btn second wide", href: "/staff/field/phones/" }, say("手机丢了、停用一台手机", "A phone is lost: revoke it")),
        button(say("退出并清除", "Sign out and erase"), out, "second wide")),
      h("p", { class: "small gap-top" }, say("版本 ", "Version "), document.documentElement.dataset.version),
    ],
  };
}

const pinInput = (id, words) => h("div", { class: "field" }, h("label", { for: id }, words), h("input", { id, type: "password", inputmode: "numeric", maxlength: 6, autocomplete: "off", class: "pin" }));

export async function pinScreen() {
  const fields = [pinInput("old", say("现在的 PIN", "Present PIN")), pinInput("new", say("新的 6 位 PIN", "New PIN, 6 digits")), pinInput("new2", say("再输一次", "Once more"))];
  const said = h("div", { role: "alert" });
  const go = async (event) => {
    event.preventDefault();
    const [old, pin, again] = fields.map((field) => field.querySelector("input").value);
    if (!/^\d{6}$/.test(pin) || pin !== again) { said.replaceChildren(note("bad", say("新 PIN 要 6 位数字，两次一样。", "The new PIN needs 6 digits, the same twice."))); return; }
    try {
      await changePin(old, pin);
      said.replaceChildren(note("ok", say("PIN 换好了。", "The PIN is changed.")));
    } catch (error) {
      if (!(error instanceof WrongPin)) throw error;
      said.replaceChildren(note("bad", error.wait ? say(`现在的 PIN 不对，请等 ${error.wait} 秒再试。`, `The present PIN is wrong: wait ${error.wait} seconds.`) : say(`现在的 PIN 不对，还可以试 ${error.left} 次。`, `The present PIN is wrong, ${error.left} tries left.`)));
    }
  };
  return { title: say("换 PIN", "Change the PIN"), back: "more", body: [h("form", { class: "form", onsubmit: go }, fields, said, h("button", { class: "btn wide" }, say("换", "Change")))] };
}

export async function rescueScreen() {
  const { n_unsent } = await counts();
  const word = h("input", { id: "word", type: "password", autocomplete: "new-password", maxlength: 100 });
  const said = h("div", { role: "status" });
  const save = button(say("导出到文件", "Export to a file"), async () => {
    const made = await rescueFiles(word.value);
    for (const { blob, name } of made) {
      const url = URL.createObjectURL(blob);
      h("a", { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60000);
    }
    const names = made.map(({ blob, name }) => `${name} (${size(blob.size)})`).join(say("、", ", "));
    said.replaceChildren(note("ok", say(`已导出 ${n_unsent} 条：${names}。交给站长在“外勤收件”里导入；手机里的还留着，重复的只算一次。`, `${n_unsent} entries exported: ${names}. Your lead imports them under “Field work”; what is on the phone stays, and doubles count once.`)));
  }, "wide", { disabled: n_unsent === 0 });
  return {
    title: say("导出救急文件", "Rescue file"), back: "more",
    body: [
      h("p", { class: "lead" }, say(`手机里有 ${n_unsent} 条没有发出。`, `${n_unsent} entries on this phone were not sent.`)),
      h("p", {}, say("一直发不出去时，把它们导成一个文件，用数据线或其他办法交给站长。文件里有办件内容，请妥善保管，交完就删。", "When nothing goes out for long, put them into a file and bring it to your lead by cable or otherwise. It holds what you wrote: keep it safe and delete it when it is delivered.")),
      h("div", { class: "field" }, h("label", { for: "word" }, say("给文件加一个口令（可不填）", "A passphrase for the file (optional)")), h("p", { class: "hint" }, say("加了口令，要当面或打电话告诉站长。", "Tell it to your lead in person or by phone.")), word), said,
    ],
    foot: [save],
  };
}
