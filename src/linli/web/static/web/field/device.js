// This phone and the office (本机登记): enrolling it with a signed-in session.

import { both, say } from "./words.js";

export async function sessionNow() {
  try {
    const answer = await fetch("/field/session/", { redirect: "error", cache: "no-store", signal: AbortSignal.timeout(15000) });
    return answer.ok && /json/.test(answer.headers.get("Content-Type") ?? "") ? await answer.json() : null;
  } catch {
    return null;
  }
}

export class NotEnrolled extends Error {
  constructor(words) { super("not enrolled"); this.words = words; }
}

export async function enrol(csrf, label) {
  let answer;
  let data;
  try {
    answer = await fetch("/field/enrol/", {
      method: "POST",
      redirect: "error",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify({ label }),
      signal: AbortSignal.timeout(30000),
    });
    data = await answer.json();
  } catch {
    throw new NotEnrolled(say("没有连上服务器。请到信号好的地方再试。", "The server was not reached. Try again where the signal is better."));
  }
  if (answer.status !== 201) throw new NotEnrolled(both(data.words) || data.detail || say("没有登记成。请找管理员。", "It was not enrolled. Ask the administrator."));
  return {
    credentials: { token: data.token, key: data.key },
    uid: data.device,
    about: { uid: data.device, installation: data.installation, label, worker: data.worker, expires_at: data.expires_at },
  };
}
