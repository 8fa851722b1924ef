// The doors (开门): enrolling this phone, setting the PIN, unlocking, and what is said when everything was wiped.

import { tell } from "./bus.js";
import { enrol, sessionNow } from "./device.js";
import { button, confirmed, h, note, svg } from "./dom.js";
import { forgetCredentials } from "./net.js";
import { counts } from "./queue.js";
import { freshTries, hasPin, isOpen, keepSealed, outOfTries, setUp, unlock, waiting, WrongPin } from "./seal.js";
import { keep, note as known, wipe } from "./store.js";
import { both, lang, say, speak } from "./words.js";

const PIN = /^\d{6}$/;
let fresh = null; // credentials of a phone enrolled again, until the PIN seals them

export function languageSwitch(draw) {
  const other = lang() === "zh" ? "en" : "zh";
  return h("button", { type: "button", class: "link", lang: other === "zh" ? "zh-Hans" : "en", onclick: () => { speak(other); draw(); } }, other === "zh" ? "中文" : "English");
}

const MARK = [["1", "M13 13 0 0h26z"], ["2", "M13 13 26 0v26z"], ["1", "M13 13 26 26H0z"], ["3", "M13 13 0 26V0z"]];
const brand = () => h("p", { class: "brand" }, svg("svg", { viewBox: "0 0 26 26", "aria-hidden": "true" }, MARK.map(([n, d]) => svg("path", { class: `m${n}`, d }))), say("邻里", "Linli"));
const frame = (title, ...inner) => h("main", { id: "main", class: "field-lock", tabindex: "-1" }, brand(), h("h1", {}, title), inner);

function pinField(id, words, more = {}) {
  return h("div", { class: "field" }, h("label", { for: id }, words),
    h("input", { id, type: "password", inputmode: "numeric", pattern: "[0-9]*", maxlength: 6, autocomplete: "off", class: "pin", ...more }));
}

// Which door this phone stands before (该显示哪一步).
export async function door(draw) {
  if (!window.isSecureContext || !crypto?.subtle || !window.indexedDB || !navigator.locks) return unsafe(draw);
  const gone = await known("gone");
  if (gone) return wiped(gone, draw);
  if (!(await hasPin())) return enrolment(draw);
  if (isOpen()) return enrolment(draw);
  if (await outOfTries()) return fresh ? lockScreen(draw) : enrolment(draw, say("PIN 连续输错 10 次，离线包和凭证已销毁，待发的内容还封存着。重新登录后可以再试 PIN。", "The PIN was wrong 10 times: the copies and the pass are destroyed; what is to be sent is still sealed. Sign in again to try the PIN."));
  return lockScreen(draw);
}

const unsafe = (draw) => frame(say("这里不能安全保存", "Nothing can be kept safely here"),
  note("warn", say("这个应用要用 https 地址和新的浏览器打开，否则手机上的内容没法封存。请向管理员要正确的地址。", "The app needs an https address and a recent browser, otherwise nothing on the phone can be sealed. Ask the administrator for the right address.")),
  languageSwitch(draw));

function wiped(why, draw) {
  const words = {
    revoked: say("单位已停用这台手机，上面的内容全部清除了。要继续使用，请找站长重新登记。", "The office has revoked this phone, and everything on it was erased. To go on, ask your lead to have it enrolled again."),
    returning: say("这台手机已交还：待发的都送到了，内容全部清除。", "This phone was handed back: everything was delivered, and all content is erased."),
    left: say("已退出，这台手机上的内容全部清除了。", "Signed out; everything on this phone was erased."),
  }[why] ?? say("这台手机上的内容已清除。", "Everything on this phone was erased.");
  return frame(say("已清除", "Erased"), note("ok", words),
    button(say("重新登记这台手机", "Enrol this phone again"), async () => { await wipe(); draw(); }, "wide"), languageSwitch(draw));
}

async function enrolment(draw, why = "") {
  const session = await sessionNow();
  const title = say("登记这台手机", "Enrol this phone");
  const again = button(say("再试一次", "Try again"), draw, "second wide");
  if (!session) return frame(title, why && note("warn", why), note("warn", say("现在没有信号。登记要有信号，请到有信号的地方再试；登记以后没有信号也能工作。", "No signal now. Enrolling needs one: try again where there is a signal. Afterwards the app works without.")), again, languageSwitch(draw));
  if (!session.signed_in) {
    return frame(title, why && note("warn", why), h("p", { class: "lead" }, say("先用工作人员账号登录一次。登记后设 6 位 PIN，没有信号也能用。", "Sign in once with your staff account. Then you set a PIN of 6 digits, and the app works without a signal.")),
      h("a", { class: "btn wide", href: session.sign_in }, say("去登录", "Sign in")), languageSwitch(draw));
  }
  if (!session.may) {
    return frame(title, note("warn", say("这个应用给在任的网格员用。您的账号没有网格员的任职，请找管理员。", "This app is for grid workers in post. Your account holds no such post: ask the administrator.")),
      h("a", { class: "btn second wide", href: "/staff/" }, say("去工作台", "Go to the desk")), languageSwitch(draw));
  }
  const withPin = !(await hasPin());
  const label = h("input", { id: "label", maxlength: 40, value: deviceName() });
  const first = pinField("pin", say("设一个 6 位 PIN", "Choose a PIN of 6 digits"));
  const second = pinField("pin2", say("PIN 再输一次", "The PIN once more"));
  const problem = h("div", { role: "alert" });
  const yes = h("button", { class: "btn wide" }, say("登记，开始用", "Enrol and begin"));
  const go = async (event) => {
    event.preventDefault();
    const [pin, again2] = [first, second].map((f) => f.querySelector("input").value);
    const fault = withPin ? pinFault(pin, again2) : "";
    if (fault) return problem.replaceChildren(note("bad", fault));
    yes.disabled = true;
    try {
      if (withPin && !(await hasPin())) await setUp(pin);
      fresh = await enrol(session.csrf, label.value.trim() || deviceName());
      if (!isOpen()) return draw(); // after too many wrong PINs: the pass waits for the right one
      await settled();
      return tell("unlocked", false);
    } catch (error) {
      problem.replaceChildren(note("bad", error.words ?? say("没有登记成，请再试一次。", "It was not enrolled. Try again."),
        h("a", { href: "/staff/field/phones/" }, say("看我登记过的手机", "See the phones I enrolled"))));
      yes.disabled = false;
    }
    return undefined;
  };
  return frame(title, why && note("warn", why), h("p", { class: "lead" }, say(`${both(session.name)}，您好。`, `Hello ${both(session.name)}.`)),
    h("p", {}, say("手机会存下您网格里的办件，用 PIN 封存。单位不知道这个 PIN，也找不回来；连错 10 次，离线内容会销毁。手机丢了，在任何一台电脑上都能停用它。", "The phone keeps the cases of your grid, sealed with a PIN. The office does not know it and cannot bring it back; after 10 wrong tries the copies are destroyed. A lost phone can be revoked from any computer.")),
    h("form", { class: "form", onsubmit: go }, h("div", { class: "field" }, h("label", { for: "label" }, say("给这台手机起个名字", "A name for this phone")), label),
      withPin && [first, second], problem, yes), languageSwitch(draw));
}

function pinFault(pin, again) {
  if (!PIN.test(pin)) return say("PIN 要 6 位数字。", "The PIN needs 6 digits.");
  if (/^(\d)\1+$/.test(pin) || "01234567890".includes(pin) || "09876543210".includes(pin)) return say("这个 PIN 太容易猜，请换一个。", "That PIN is too easy to guess: choose another.");
  return pin === again ? "" : say("两次不一样，请重输。", "The two are not the same: type them again.");
}

// The same inside the open app (重新登记): after the pass expired, or when the server knows this phone no more.
export async function enrolScreen() {
  const [, title, ...inner] = (await enrolment(() => tell("redraw", false))).children;
  return { title: title.textContent, back: "more", body: inner };
}

const deviceName = () => say("我的手机", "My phone");

async function settled() {
  if (!fresh) return;
  await keepSealed("credentials", fresh.credentials);
  await keepSealed("about", fresh.about);
  await keep("device", fresh.uid);
  forgetCredentials();
  fresh = null;
  navigator.storage?.persist?.();
}

async function lockScreen(draw) {
  const { n_unsent, oldest } = await counts();
  const problem = h("div", { role: "alert" });
  const field = pinField("pin", say("PIN", "PIN"), { autofocus: true });
  const input = field.querySelector("input");
  const yes = h("button", { class: "btn wide" }, say("打开", "Unlock"));
  if (fresh) await freshTries();
  let ticking = null;
  const hold = async () => {
    clearInterval(ticking);
    const left = await waiting();
    yes.disabled = input.disabled = left > 0;
    if (left <= 0) { if (problem.dataset.wait) { problem.replaceChildren(); delete problem.dataset.wait; } return; }
    problem.dataset.wait = "1";
    problem.replaceChildren(note("warn", say(`请等 ${left} 秒再试。`, `Wait ${left} seconds before the next try.`)));
    ticking = setInterval(hold, 1000);
  };
  const go = async (event) => {
    event?.preventDefault();
    if (!PIN.test(input.value) || yes.disabled) return;
    yes.disabled = true;
    try {
      await unlock(input.value);
      clearInterval(ticking);
      await settled();
      tell("unlocked", false);
    } catch (error) {
      if (!(error instanceof WrongPin)) throw error;
      input.value = "";
      yes.disabled = false;
      if (error.left === 0) return draw();
      problem.replaceChildren(note("bad", say(`PIN 不对，还可以试 ${error.left} 次。`, `Wrong PIN, ${error.left} tries left.`)));
      if (error.wait) await hold();
      input.focus();
    }
    return undefined;
  };
  input.addEventListener("input", () => { if (PIN.test(input.value)) go(); });
  const startOver = async () => {
    const question = n_unsent
      ? say(`手机里还有 ${n_unsent} 条没有发出，没有 PIN 打不开，清除后就没有了。确定清除？`, `${n_unsent} entries were not sent. Without the PIN they cannot be opened, and erasing loses them. Erase?`)
      : say("手机上的内容会全部清除，然后重新登记。确定？", "Everything on the phone is erased, then it is enrolled again. Go on?");
    if (await confirmed(question, say("清除，重新登记", "Erase and enrol again"), { risky: true })) { await wipe(); draw(); }
  };
  await hold();
  return frame(say("邻里网格", "Linli Field"),
    n_unsent > 0 && note(Date.now() - oldest > 48 * 3600000 ? "warn" : "", say(`${n_unsent} 条待发，解锁后自动发送。`, `${n_unsent} to send: they go out once you unlock.`)),
    h("form", { class: "form", onsubmit: go }, field, problem, yes),
    h("details", {}, h("summary", {}, say("忘了 PIN", "PIN forgotten")),
      h("p", {}, say("没有人能找回 PIN。可以清除这台手机再登记；没发出的内容会丢，请先想一想 PIN。", "Nobody can bring it back. You can erase the phone and enrol again; what was not sent is lost, so think of the PIN first.")),
      button(say("清除，重新登记", "Erase and enrol again"), startOver, "second wide")),
    languageSwitch(draw));
}
