// Words (用语): both languages beside each other, times and distances as people say them.

const KEPT = "linli_field_lang"; // a choice of language is no secret and must be there before the PIN
const LANGS = { zh: "zh-Hans", en: "en" };

export const lang = () => (document.documentElement.lang.startsWith("en") ? "en" : "zh");
export const say = (zh, en) => (lang() === "en" ? en : zh);
export const both = (text) => (text ? text[lang()] || text.zh || text.en || "" : "");

export function speak(wanted) {
  if (!LANGS[wanted]) return;
  document.documentElement.lang = LANGS[wanted];
  document.title = say("邻里网格", "Linli Field");
  localStorage.setItem(KEPT, wanted);
}
export function speakAsBefore() {
  const kept = localStorage.getItem(KEPT);
  if (kept) speak(kept);
}

const two = (n) => String(n).padStart(2, "0");
const clock = (d) => `${two(d.getHours())}:${two(d.getMinutes())}`;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const day = (d) => say(`${d.getMonth() + 1} 月 ${d.getDate()} 日`, `${d.getDate()} ${MONTHS[d.getMonth()]}`);
const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
const dayS = 86400000;

export function moment(value) {
  const d = new Date(value);
  const days = Math.round((midnight(d) - midnight(new Date())) / dayS);
  if (days === 0) return say(`今天 ${clock(d)}`, `today ${clock(d)}`);
  if (days === -1) return say(`昨天 ${clock(d)}`, `yesterday ${clock(d)}`);
  if (days === 1) return say(`明天 ${clock(d)}`, `tomorrow ${clock(d)}`);
  return `${day(d)} ${clock(d)}`;
}

export function length(ms) {
  const minutes = Math.max(1, Math.round(ms / 60000));
  if (minutes < 60) return say(`${minutes} 分钟`, `${minutes} min`);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return say(`${hours} 小时`, `${hours} h`);
  const days = Math.floor(hours / 24);
  return say(`${days} 天`, `${days} days`);
}

// How near a due time is (离到期还有多久): `{words, tone}`, late | soon | "".
export function due(value) {
  if (!value) return { words: say("不限时", "no limit"), tone: "" };
  const left = Date.parse(value) - Date.now();
  if (left <= 0) return { words: say(`超时 ${length(-left)}`, `${length(-left)} late`), tone: "late" };
  if (left < 3600000) return { words: say(`还有 ${length(left)}`, `${length(left)} left`), tone: "soon" };
  return { words: moment(value), tone: midnight(new Date(value)) === midnight(new Date()) ? "soon" : "" };
}

export function metres(m) {
  if (m < 1000) return say(`${Math.round(m)} 米`, `${Math.round(m)} m`);
  return say(`${(m / 1000).toFixed(1)} 公里`, `${(m / 1000).toFixed(1)} km`);
}
export function size(bytes) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  return bytes < 2 ** 30 ? `${(bytes / 1024 / 1024).toFixed(1)} MB` : `${(bytes / 2 ** 30).toFixed(1)} GB`;
}

export const KINDS = {
  report: () => say("反映", "Report"),
  act: () => say("办理", "Act"),
  note: () => say("现场情况", "Site sheet"),
  visit: () => say("走访", "Visit"),
  patrol: () => say("巡查", "Patrol"),
};

// The line to the office, in words (联系状态).
export function lineWords(state, n) {
  const waiting = n ? say(`${n} 条待发`, `${n} to send`) : "";
  const tail = waiting ? say(`，${waiting}`, `, ${waiting}`) : "";
  return {
    "": n ? waiting : say("都发出了", "all sent"),
    sending: n ? say(`正在发送，还有 ${n} 条`, `sending, ${n} left`) : say("正在联系单位", "contacting the office"),
    nothing: say(`离线：照常工作${tail}`, `Offline: work as usual${tail}`),
    slow: say(`信号太弱：照常工作${tail}`, `Weak signal: work as usual${tail}`),
    portal: say(`像是需要登录的公共 Wi‑Fi，没有发出${tail}`, `This looks like a public Wi‑Fi that wants a sign-in; nothing was sent${tail}`),
    unknown: say(`服务器不认识这台手机，没有发出${tail}。内容都还在，点这里重新登记`, `The server does not know this phone; nothing was sent${tail}. All is still here: press to enrol again`),
    busy: say(`服务器忙，稍后自动再试${tail}`, `The server is busy; trying again by itself${tail}`),
    none: say(`点这里重新登录才能发送${tail}`, `Press to sign in again, then it is sent${tail}`),
    expired: say(`登记过期，点这里重新登录${tail}`, `Enrolment expired: press to sign in again${tail}`),
    locked: n ? say(`${n} 条待发，解锁后发送`, `${n} to send: unlock to send them`) : "",
  }[state] ?? "";
}
