// What the phone keeps (手机里存的东西): IndexedDB, one transaction for what belongs together, on disk before it is said to be kept.

const NAME = "linli-field";
const VERSION = 1;
const STORES = { meta: "key", sealed: "key", entries: "id", files: ["entry", "sha256"], receipts: "id" };
let opening = null;

export function database() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(name, { keyPath });
      asked.transaction.objectStore("files").createIndex("entry", "entry");
    };
    asked.onsuccess = () => {
      const db = asked.result;
      db.onversionchange = () => { db.close(); opening = null; };
      db.onclose = () => { opening = null; };
      resolve(db);
    };
    asked.onerror = () => { opening = null; reject(asked.error); };
  });
  return opening;
}

export const ask = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function run(names, mode, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(names, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    let result;
    let fault = null;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(fault ?? transaction.error ?? new Error("not written"));
    const stores = Object.fromEntries([names].flat().map((name) => [name, transaction.objectStore(name)]));
    // `work` waits for nothing but its own requests: anything else would end the transaction under it.
    Promise.resolve().then(() => work(stores)).then(
      (value) => { result = value; },
      (error) => { fault = error; try { transaction.abort(); } catch { reject(error); } },
    );
  });
}

// All of it or nothing; resolved when it is on disk, not when it was asked for.
export const write = (names, work) => run(names, "readwrite", work);
export const read = (names, work) => run(names, "readonly", work);

export const get = (store, key) => read(store, (s) => ask(s[store].get(key)));
export const all = (store) => read(store, (s) => ask(s[store].getAll()));
export const put = (store, row) => write(store, (s) => ask(s[store].put(row)));
export const remove = (store, key) => write(store, (s) => ask(s[store].delete(key)));

// Plain facts about the phone itself, never about a case or a person.
export const note = async (key) => (await get("meta", key))?.value;
export const keep = (key, value) => put("meta", { key, value });
export const forget = (key) => remove("meta", key);

// Nothing stays (全部清除), the keys first: what a crash leaves behind can then be read by nobody.
export async function wipe() {
  await write("meta", (s) => ask(s.meta.clear()));
  await write(["sealed", "entries", "files", "receipts"], (s) => Promise.all(Object.values(s).map((store) => ask(store.clear()))));
}
