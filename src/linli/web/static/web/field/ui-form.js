// Forms from the bundle (表单): one question above the other, kept as a draft, read into data and files.

import { button, h, picture, sound } from "./dom.js";
import { dropDraft, dropFile, keepDraft, keepFile, takeDraft, takeFiles } from "./draft.js";
import { nameFor, shrunk } from "./photo.js";
import { fileOf } from "./queue.js";
import { canRecord, nameOf, record } from "./voice.js";
import { both, say, size } from "./words.js";

const FEW = 8; // choices shown as large targets; more go into a list
const FILES = new Set(["photos", "photo", "voice", "files"]);
export const isFile = (field) => FILES.has(field.type);

const labelled = (field, id, ...inner) => h("div", { class: "field", "data-field": field.code },
  h("label", { for: id }, both(field.title), !field.required && h("span", { class: "optional" }, say("（可不填）", " (optional)"))),
  field.hint && h("p", { class: "hint", id: `${id}-hint` }, both(field.hint)), ...inner);
const grouped = (field, ...inner) => h("fieldset", { class: "field", "data-field": field.code },
  h("legend", {}, both(field.title), !field.required && h("span", { class: "optional" }, say("（可不填）", " (optional)"))),
  field.hint && h("p", { class: "hint" }, both(field.hint)), ...inner);

function choiceOf(field, id, value) {
  const { choices } = field;
  const many = field.type === "checkboxes" || field.type === "organisations";
  if (choices.length <= FEW || many) {
    const picked = new Set([value].flat().filter((v) => v !== undefined && v !== null).map(String));
    return grouped(field, h("div", { class: choices.length > FEW ? "pick" : "choices" }, choices.map((c, i) => h("label", { class: "choice" },
      h("input", { type: many ? "checkbox" : "radio", name: id, id: i ? null : id, value: c.value, checked: picked.has(String(c.value)) }),
      h("span", {}, both(c.label))))));
  }
  const groups = choices.reduce((m, c) => m.set(both(c.group), [...(m.get(both(c.group)) ?? []), c]), new Map());
  const option = (c) => { const o = h("option", { value: c.value }, both(c.label)); o.selected = String(c.value) === String(value ?? ""); return o; };
  return labelled(field, id, h("select", { id, name: id }, h("option", { value: "" }, say("请选", "Choose")),
    [...groups].map(([title, list]) => (title ? h("optgroup", { label: title }, list.map(option)) : list.map(option)))));
}

function textOf(field, id, value) {
  const more = { id, name: id, ...(field.max && field.type !== "number" && { maxlength: field.max }), ...(field.hint && { "aria-describedby": `${id}-hint` }) };
  if (field.type === "text") {
    const area = h("textarea", { ...more, rows: 4 });
    area.value = value ?? "";
    return labelled(field, id, area);
  }
  const type = { date: "date", number: "number", phone: "tel", time: "time" }[field.type] ?? "text";
  return labelled(field, id, h("input", { ...more, type, value: value ?? "", ...(field.type === "phone" && { inputmode: "tel", autocomplete: "off" }) }));
}

function tickOf(field, id, value) {
  return h("div", { class: "field", "data-field": field.code }, h("label", { class: "choice" },
    h("input", { type: "checkbox", id, checked: Boolean(value) }),
    h("span", {}, both(field.title), field.hint && h("small", {}, both(field.hint)))));
}

// One form (一张表单): `fields` as in the bundle; `name` keys its draft; `beside` is drawn next to its photos; `of` is the
// unsent entry that is being changed.
export class Form {
  constructor(fields, name, { values = {}, beside = null, of = null } = {}) {
    Object.assign(this, { fields, name, values, beside, of, files: [] });
    this.element = h("div", { class: "form" });
    this.element.addEventListener("input", () => this.later());
    this.element.addEventListener("change", () => this.later());
  }

  async draw() {
    const kept = await takeDraft(this.name);
    if (this.of && !kept) await this.copyFiles();
    this.values = { ...this.values, ...kept };
    this.files = await takeFiles(this.name);
    this.element.replaceChildren(...this.fields.map((field) => this.drawOne(field)));
    return this.element;
  }

  // A draft of its own, so that leaving the screen leaves the entry as it was.
  async copyFiles() {
    for (const [n, file] of this.of.files.entries()) {
      await keepFile(this.name, `${this.of.at}-${n}`, new Blob([await fileOf(this.of, file.sha256)], { type: file.type }), file.field);
    }
    await keepDraft(this.name, this.values);
  }

  drawOne(field) {
    const id = `f-${field.code}`;
    const value = this.values[field.code];
    if (field.type === "voice") return this.voice(field);
    if (isFile(field)) return this.photos(field);
    if (field.choices?.length) return choiceOf(field, id, value);
    if (field.type === "boolean") return tickOf(field, id, value);
    if (field.type === "rating") return choiceOf({ ...field, choices: [1, 2, 3, 4, 5].map((n) => ({ value: n, label: { zh: `${n} 分`, en: `${n}` } })) }, id, value);
    return textOf(field, id, value);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), 400);
  }
  keep() { clearTimeout(this.timer); return keepDraft(this.name, this.data()); }

  data() {
    const found = {};
    for (const field of this.fields.filter((each) => !isFile(each))) {
      const box = this.element.querySelector(`[data-field="${CSS.escape(field.code)}"]`);
      const inputs = [...box.querySelectorAll("input,select,textarea")];
      if (field.type === "boolean") { found[field.code] = inputs[0].checked; continue; }
      const checked = inputs.filter((input) => input.checked).map((input) => input.value);
      const radio = inputs[0].type === "radio";
      const raw = inputs[0].type === "checkbox" ? checked : radio ? checked[0] ?? "" : inputs[0].value.trim();
      if (raw === "" || raw.length === 0) continue;
      found[field.code] = ["number", "rating"].includes(field.type) && /^-?\d+$/.test(raw) ? Number(raw) : raw;
    }
    return found;
  }

  // What is missing, as `{code, words}` (漏填的).
  problems() {
    const data = this.data();
    return this.fields.filter((field) => field.required).filter((field) =>
      (isFile(field) ? !this.files.some((file) => file.field === field.code)
        : field.type === "boolean" ? field.must && !data[field.code] : data[field.code] === undefined))
      .map((field) => ({ code: field.code, words: say(`请填“${both(field.title)}”`, `Fill in “${both(field.title)}”`) }));
  }

  // Shows what is missing, with links to it; true when nothing is.
  check(more = []) {
    const found = [...this.problems(), ...more];
    this.element.querySelector(".mend")?.remove();
    this.element.querySelectorAll(".wrong").forEach((el) => el.classList.remove("wrong"));
    if (!found.length) return true;
    for (const { code } of found) this.element.querySelector(`[data-field="${CSS.escape(code)}"]`)?.classList.add("wrong");
    const go = (code) => (event) => { event.preventDefault(); this.element.querySelector(`[data-field="${CSS.escape(code)}"] :is(input,select,textarea,button)`)?.focus(); };
    const box = h("div", { class: "mend", tabindex: "-1", role: "alert" }, h("h2", {}, say("还差几处", "Something is missing")),
      h("ul", {}, found.map(({ code, words }) => h("li", {}, h("a", { href: "#main", onclick: go(code) }, words)))));
    this.element.prepend(box);
    box.focus();
    return false;
  }

  async addFile(field, blob) {
    const id = `${Date.now()}-${this.files.length}`;
    await keepFile(this.name, id, blob, field); // on disk before it is shown
    this.files.push({ id, field, blob });
  }

  photos(field) {
    const most = field.max ?? 6;
    const box = h("div", { class: "shots" });
    const whole = h("input", { type: "checkbox" });
    const draw = () => {
      const own = this.files.filter((file) => file.field === field.code);
      box.replaceChildren(...(this.beside ?? []), ...own.map((file, n) => h("figure", { class: "shot" }, picture(file.blob, say(`新拍第 ${n + 1} 张`, `New photo ${n + 1}`)),
        h("figcaption", {}, say(`新拍 · ${size(file.blob.size)}`, `new · ${size(file.blob.size)}`),
          button(say("去掉", "Remove"), async () => { await dropFile(this.name, file.id); this.files = this.files.filter((f) => f !== file); draw(); }, "second small")))));
      add.hidden = own.length >= most;
    };
    const input = h("input", { type: "file", id: `f-${field.code}`, accept: "image/*", capture: "environment", class: "hide", onchange: async () => {
      for (const file of input.files) await this.addFile(field.code, whole.checked ? file : await shrunk(file));
      input.value = "";
      draw();
    } });
    const add = h("div", {}, input, h("label", { class: "btn second wide", for: input.id }, say("拍照或选照片", "Take or choose a photo")));
    draw();
    return grouped(field, box, add, h("label", { class: "choice plain" }, whole, h("span", {}, say("发原图（流量多，慢）", "Send the whole picture (slow, much data)"))));
  }

  voice(field) {
    const place = h("div", {});
    const draw = () => {
      const note = this.files.find((file) => file.field === field.code);
      if (note) {
        place.replaceChildren(sound(note.blob), button(say("去掉语音", "Remove the voice note"), async () => { await dropFile(this.name, note.id); this.files = this.files.filter((f) => f !== note); draw(); }, "second"));
        return;
      }
      place.replaceChildren(button(say("按一下开始录音", "Press to record"), begin, "second wide"));
    };
    const begin = async () => {
      try {
        const stopping = button(say("录音中 0 秒 · 按一下停止", "Recording 0 s · press to stop"), () => running.stop(), "wide risky");
        const running = await record({ each: (s) => { stopping.textContent = say(`录音中 ${s} 秒 · 按一下停止`, `Recording ${s} s · press to stop`); } });
        place.replaceChildren(stopping);
        await this.addFile(field.code, await running.done);
      } catch {
        place.replaceChildren(h("p", { class: "error" }, say("没有录成：手机没有允许使用麦克风。可以打字写下来。", "Nothing was recorded: the phone does not allow the microphone. Write it down instead.")));
        return;
      }
      draw();
    };
    if (canRecord()) draw(); else place.append(h("p", {}, say("这台手机不能录音，请打字。", "This phone cannot record: please type.")));
    return grouped(field, place);
  }

  filesForEntry() {
    return this.files.map((file, n) => ({ blob: file.blob, field: file.field, name: file.blob.type.startsWith("audio/") ? nameOf(file.blob) : nameFor(file.blob, n + 1) }));
  }
  done() { clearTimeout(this.timer); return dropDraft(this.name); }
}
