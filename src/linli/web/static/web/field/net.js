// Talking to the server (与服务器通信): an answer counts only when it proves that it is ours.

import { hex, sha256 } from "./digest.js";
import { takeSealed } from "./seal.js";

export const API = "/api/v1/field";
const utf8 = new TextEncoder();
const SECONDS = 30;
let known = null; // the credentials while the app is open

// No answer that counts: `nothing` no network, `slow` none in time, `portal` somebody else answered,
// `unknown` whoever answered does not know this phone, `none` not enrolled.
export class NoAnswer extends Error {
  constructor(reason) { super(reason); this.reason = reason; }
}

export const forgetCredentials = () => { known = null; };

async function credentials() {
  if (!known) {
    const kept = await takeSealed("credentials");
    if (!kept) throw new NoAnswer("none");
    const raw = Uint8Array.from(atob(kept.key), (c) => c.charCodeAt(0));
    known = { token: kept.token, key: await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]) };
  }
  return known;
}

const bytesOf = (text) => {
  const found = /^[0-9a-f]{64}$/.test(text) ? text.match(/../g) : [];
  return Uint8Array.from(found, (pair) => parseInt(pair, 16));
};

async function answered(method, path, { json, bytes, headers = {}, seconds = SECONDS }) {
  const { token, key } = await credentials();
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  let answer;
  let body;
  try {
    answer = await fetch(API + path, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        "X-Linli-Nonce": nonce,
        ...(json !== undefined && { "Content-Type": "application/json" }),
        ...(bytes !== undefined && { "Content-Type": "application/octet-stream" }),
        ...headers,
      },
      body: json !== undefined ? JSON.stringify(json) : bytes,
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(seconds * 1000),
    });
    body = await answer.arrayBuffer();
  } catch (error) {
    throw new NoAnswer(error.name === "TimeoutError" ? "slow" : "nothing");
  }
  const claimed = bytesOf(answer.headers.get("X-Linli-Proof") ?? "");
  const said = utf8.encode(`${nonce}\n${answer.status}\n${await sha256(body)}`);
  if (!(await crypto.subtle.verify("HMAC", key, claimed, said))) throw new NoAnswer(answer.status === 401 ? "unknown" : "portal");
  return { answer, body };
}

// A proven answer in JSON (经证实的回答): `{status, data, etag}`.
export async function call(method, path, options = {}) {
  const { answer, body } = await answered(method, path, options);
  if (answer.status === 304) return { status: 304, data: null };
  if (!/^application\/(problem\+)?json\b/.test(answer.headers.get("Content-Type") ?? "")) throw new NoAnswer("portal");
  let data;
  try { data = JSON.parse(new TextDecoder().decode(body)); } catch { throw new NoAnswer("portal"); }
  return { status: answer.status, data, wait: Number(answer.headers.get("Retry-After")) || 0 };
}

// Proven bytes, such as a photo (图片等).
export async function fetchBytes(path) {
  const { answer, body } = await answered("GET", path, {});
  return answer.status === 200 ? { bytes: body, type: answer.headers.get("Content-Type") ?? "" } : null;
}
