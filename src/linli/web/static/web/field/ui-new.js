// What begins on the way (路上新发现的): a photo first, a report, a patrol, a visit.

import { bundle } from "./bundle.js";
import { button, empty, h, link, note, picture } from "./dom.js";
import { dropDraft, keepDraft, keepFile, takeDraft, takeFiles } from "./draft.js";
import { apart, areaAt, asWords, errorWords, here, NoPlace } from "./geo.js";
import { shrunk } from "./photo.js";
import { draftOf, keepButton } from "./ui-act.js";
import { Form, isFile } from "./ui-form.js";
import { both, due, say } from "./words.js";

const DESCRIPTION = { code: "description", type: "text", required: true, max: 4000, title: { zh: "什么情况", en: "What is it" }, hint: { zh: "是什么、在哪一处、多久了。", en: "What, where exactly, since when." } };
const PHOTOS = { code: "photos", type: "photos", required: false, max: 6, title: { zh: "照片", en: "Photos" } };
const VOICE = { code: "voice", type: "voice", required: false, title: { zh: "语音说明", en: "Voice note" }, hint: { zh: "不方便打字就说，最长 2 分钟，只给办件的人听。", en: "Speak if typing is awkward, 2 minutes at most; only those who handle it hear it." } };

const CLOSE = 80; // metres: what is open so near may be the same
const OF_OTHERS = new Set(["category", "contact", "reporter_name"]); // a worker reports in their own name

// Camera first (先拍照): the picture is on disk before anything is asked about it.
export async function takePhoto(input) {
  for (const file of input.files) await keepFile("photo", String(Date.now()), await shrunk(file), "photos");
  input.value = "";
  if (location.hash === "#/photo") dispatchEvent(new HashChangeEvent("hashchange")); else location.hash = "#/photo";
}

export async function photoScreen() {
  const title = say("这张照片是", "This photo is");
  const files = await takeFiles("photo");
  if (!files.length) return { title, back: "today", body: [empty(say("还没有照片。按下面的“拍照”。", "No photo yet. Press “Photo” below."))] };
  const hand = async (name, field, to) => {
    for (const file of files) await keepFile(name, file.id, file.blob, field);
    await dropDraft("photo");
    location.hash = `#/${to}`;
  };
  const choices = ((await bundle())?.tasks ?? []).flatMap((task) => {
    const action = task.actions.find((each) => each.fields.some((field) => field.type === "photos"));
    return action ? [{ task, action, field: action.fields.find((field) => field.type === "photos").code }] : [];
  });
  return {
    title, back: "today",
    body: [
      h("div", { class: "shots" }, files.map((file) => h("figure", { class: "shot" }, picture(file.blob, say("刚拍的照片", "The photo just taken"))))),
      button(say("新发现的问题，反映", "Something new: report it"), () => hand("report", "photos", "report"), "wide"),
      choices.length > 0 && h("h2", { class: "gap-top" }, say("或者是这一件的现场", "Or it belongs to")),
      h("div", { class: "stack" }, choices.map(({ task, action, field }) => button(
        h("span", {}, h("b", {}, `${both(action.title)}：${task.title}`), h("small", {}, [task.place_text, due(task.due_at).words].filter(Boolean).join(" · "))),
        () => hand(`act:${task.number}:${action.code}`, field, `act/${task.number}/${action.code}`), "second wide pick-case"))),
      button(say("不要这张照片", "Discard this photo"), async () => { await dropDraft("photo"); location.hash = "#/today"; }, "second wide gap-top"),
    ],
  };
}

const placed = ({ area, place_text, lng, lat, accuracy_m }) => ({ area, place_text, point: lng ? { lng: Number(lng), lat: Number(lat), accuracy: accuracy_m } : null });

// Where it is (地点): the point when the button is pressed, with its error, or words.
async function placeOf(name, areas, { words = true, nearby = [], of = null } = {}) {
  const kept = (await takeDraft(`${name}:place`)) ?? (of ? placed(of.body) : {});
  const state = { point: kept.point ?? null, area: kept.area ?? areas[0]?.code ?? "", place_text: kept.place_text ?? "" };
  const keep = () => keepDraft(`${name}:place`, state);
  const said = h("div", { role: "status" });
  const choose = h("select", { id: "area", onchange: () => { state.area = choose.value; keep(); } }, areas.map((area) => h("option", { value: area.code }, say(area.name, area.name_en || area.name))));
  choose.value = state.area;
  const text = h("input", { id: "place_text", maxlength: 120, value: state.place_text, oninput: () => { state.place_text = text.value; keep(); } });
  const tellPoint = () => {
    if (!state.point) return;
    const area = areaAt(state.point, areas);
    if (area) { state.area = area.code; choose.value = area.code; }
    const close = nearby.filter((each) => each.lng !== null && apart(state.point, each) <= CLOSE);
    said.replaceChildren(close.length ? note("warn", h("p", {}, say(`${CLOSE} 米内已有 ${close.length} 件在办，是同一件就不用再报：`, `${close.length} open within ${CLOSE} m; no need to report the same again:`)),
      h("ul", {}, close.slice(0, 5).map((each) => h("li", {}, `${each.title} · ${both(each.step_title)}`)))) : "", note("ok", area
      ? say(`已取当前位置，误差 ${errorWords(state.point)}，在${area.name}。`, `Position taken, ${errorWords(state.point)}, in ${area.name_en || area.name}.`)
      : say(`已取当前位置，误差 ${errorWords(state.point)}，不在您的网格里。`, `Position taken, ${errorWords(state.point)}, outside your grid.`)));
  };
  const locate = button(say("用现在的位置", "Use my position now"), async () => {
    locate.disabled = true;
    said.replaceChildren(h("p", {}, say("正在定位…", "Finding the position…")));
    try { state.point = await here(); tellPoint(); await keep(); } catch (error) {
      said.replaceChildren(note("warn", error instanceof NoPlace ? error.message : say("没有定到位置，请写地点。", "No position: write the place down.")));
    }
    locate.disabled = false;
  }, "second wide");
  tellPoint();
  return {
    element: h("fieldset", { class: "field" }, h("legend", {}, say("在哪里", "Where")), locate, said,
      areas.length > 1 && h("div", { class: "field" }, h("label", { for: "area" }, say("网格", "Grid")), choose),
      words && h("div", { class: "field gap-top" }, h("label", { for: "place_text" }, say("具体地点", "The place in words")), text)),
    body: () => ({
      area: state.area || null,
      ...(words && state.place_text && { place_text: state.place_text }),
      ...(state.point && asWords(state.point)),
    }),
    done: () => dropDraft(`${name}:place`),
  };
}

const CATEGORY = { code: "category", type: "choice", required: false, title: { zh: "类别", en: "Category" }, hint: { zh: "拿不准就不选，由街道来定。", en: "Leave it when unsure: the township decides." } };
const choicesOf = (report) => (report?.categories ?? []).map((each) => ({ value: each.key, label: { zh: each.name, en: each.name_en }, group: each.group }));

export async function reportScreen(of = null) {
  const name = draftOf(of, "report");
  const brought = await bundle();
  const given = (brought?.report?.fields ?? []).filter((field) => !isFile(field) && !OF_OTHERS.has(field.code));
  const choices = choicesOf(brought?.report);
  const fields = [PHOTOS, ...(given.length ? given : [DESCRIPTION]), choices.length && { ...CATEGORY, choices }, VOICE].filter(Boolean);
  const form = new Form(fields, name, { values: of?.body, of });
  const place = await placeOf(name, brought?.areas ?? [], { of, nearby: [...(brought?.nearby ?? []), ...(brought?.tasks ?? [])] });
  const make = async () => {
    const data = form.data();
    return { kind: "report", body: { ...data, ...place.body() }, files: form.filesForEntry(), about: data.description.slice(0, 60) };
  };
  return {
    title: say("反映一件事", "Report"), back: backOf(of),
    body: [await form.draw(), h("div", { class: "form" }, place.element)],
    foot: [keepButton(say("存下，等着发送", "Keep it, to be sent"), closing(form, place), make, "today", { of })],
  };
}

const backOf = (of) => (of ? `entry/${of.id}` : "today");

// A form and its place are dropped together once the entry is on disk.
const closing = (form, place) => ({
  element: form.element,
  check: (more) => form.check(more),
  keep: () => form.keep(),
  done: async () => { await form.done(); await place.done(); },
});

export async function patrolScreen(of = null) {
  const name = draftOf(of, "patrol");
  const brought = await bundle();
  if (!brought?.patrol) return later(say("巡查", "Patrol"));
  const fields = [
    { code: "checked", type: "checkboxes", required: true, choices: brought.patrol.checked, title: { zh: "看过了哪些", en: "What you looked at" } },
    { code: "text", type: "text", required: false, max: brought.patrol.text_max, title: { zh: "看到什么", en: "What you saw" }, hint: { zh: "没有问题就不用写。有问题的，另外拍照反映。", en: "Nothing to write when all is well. Report what is wrong with a photo." } },
  ];
  const form = new Form(fields, name, { values: of?.body, of });
  const place = await placeOf(name, brought?.areas ?? [], { words: false, of });
  const make = () => ({ kind: "patrol", body: { ...form.data(), ...place.body() }, files: form.filesForEntry(), about: say("巡查记录", "Patrol record") });
  return {
    title: say("巡查", "Patrol"), back: backOf(of),
    body: [h("p", { class: "hint" }, say("只记按下按钮那一刻的位置，不记路线。", "Only the point where you press the button is noted, never your way.")),
      link(say("发现问题：拍照反映", "Found something: report it"), "report", "btn second wide"), h("div", { class: "gap-top" }, await form.draw(), place.element)],
    foot: [keepButton(say("记下这次巡查", "Note this patrol"), closing(form, place), make, "today", { of })],
  };
}

const CONSENT = { code: "consent", type: "boolean", required: true, must: true, title: { zh: "对方同意记录", en: "They agree to a record" }, hint: { zh: "先说清记什么、谁能看。不同意就不记。", en: "Say first what is noted and who can read it. No consent, no record." } };
const later = (title) => ({ title, back: "today", body: [empty(say("这张表还没取到。到有信号的地方打开一次，之后没有信号也能用。", "This form is not on the phone yet. Open the app once where there is a signal; then it works without."))] });

export async function visitScreen(of = null) {
  const brought = await bundle();
  if (!brought?.visit || !brought.areas.length) return later(say("走访", "Visit"));
  const { areas } = brought;
  const [topic, ...rest] = brought.visit.fields.filter((field) => field.code !== "consent");
  const fields = [topic, CONSENT, ...rest];
  const form = new Form(fields, draftOf(of, "visit"), { values: of?.body, of });
  const make = () => ({ kind: "visit", body: { ...form.data(), area: of?.body.area ?? areas[0].code }, files: [], about: say("走访记录", "Visit") });
  return {
    title: say("走访", "Visit"), back: backOf(of),
    body: [h("p", { class: "hint" }, say("走访不定位、不拍人；要办的事会另开一件来办。", "A visit notes no position and takes no photo of anybody; what needs work becomes a case of its own.")), await form.draw()],
    foot: [keepButton(say("记下这次走访", "Note this visit"), form, make, "today", { of })],
  };
}
