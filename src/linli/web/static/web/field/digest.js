// Digests and ids (摘要与编号): the canonical form of an entry, its SHA-256, and ids that sort by time.

const utf8 = new TextEncoder();

export const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
export const sha256 = async (data) => hex(await crypto.subtle.digest("SHA-256", typeof data === "string" ? utf8.encode(data) : data));

// Sorted keys, no blanks. Numbers that are not whole are sent as words, so that both sides write them alike.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError(`not a whole number: ${value}`);
  return JSON.stringify(value);
}

export const digestOf = ({ kind, made_at, body, files }) => sha256(canonical({ kind, made_at, body, files }));

// Half of a pair that some keyboards leave behind cannot be written as UTF-8.
export function wellFormed(value) {
  if (typeof value === "string") return value.toWellFormed ? value.toWellFormed() : value.replace(/[\ud800-\udfff]/gu, "\ufffd");
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, wellFormed(v)]));
  return value;
}

let last = 0;
export function uuid7() {
  last = Math.max(Date.now(), last + 1); // two in one millisecond keep their order
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0, rest = last; i < 6; i += 1, rest = Math.floor(rest / 256)) bytes[5 - i] = rest % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const h = hex(bytes);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}
