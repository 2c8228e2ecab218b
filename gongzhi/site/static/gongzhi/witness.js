// A witness's key lives in his own browser and never leaves it: made here, kept unreadable, used to co-sign
// checkpoints (c2sp.org/tlog-cosignature, version 1). Without this script a note signed elsewhere is pasted.
"use strict";

(() => {
  const STORE = "gongzhi-witness";
  const ED25519 = 1;
  const COSIGNATURE = 4;
  const KEY_ID_BYTES = 4;

  const part = (name) => document.querySelector(`[data-witness="${name}"]`);
  const utf8 = (text) => new TextEncoder().encode(text);
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const joined = (...parts) => Uint8Array.from(parts.flatMap((one) => [...one]));

  async function keyId(name, publicKey, kind) {
    const hashed = await crypto.subtle.digest("SHA-256", joined(utf8(`${name}\n`), [kind], publicKey));
    return new Uint8Array(hashed).slice(0, KEY_ID_BYTES);
  }

  function store() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(STORE, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("keys");
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async function inStore(mode, act) {
    const database = await store();
    return new Promise((resolve, reject) => {
      const asked = act(database.transaction("keys", mode).objectStore("keys"));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  const kept = () => inStore("readonly", (keys) => keys.get("own"));

  async function make(name) {
    const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const own = { name, privateKey: pair.privateKey, publicKey: raw };
    await inStore("readwrite", (keys) => keys.put(own, "own"));
    return own;
  }

  async function verifierKey(own) {
    const id = [...(await keyId(own.name, own.publicKey, ED25519))].map((one) => one.toString(16).padStart(2, "0"));
    return `${own.name}+${id.join("")}+${base64(joined([ED25519], own.publicKey))}`;
  }

  async function cosigned(own, note) {
    const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
    const seconds = Math.floor(Date.now() / 1000);
    const message = utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
    const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", own.privateKey, message));
    const time = new Uint8Array(8);
    new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
    const id = await keyId(own.name, own.publicKey, COSIGNATURE);
    return `— ${own.name} ${base64(joined(id, time, signature))}\n`;
  }

  async function show() {
    const own = await kept();
    part("making").hidden = Boolean(own);
    part("having").hidden = !own;
    if (own) part("key").value = await verifierKey(own);
    return own;
  }

  function says(text) {
    part("says").textContent = text;
  }

  async function begin() {
    if (!globalThis.isSecureContext || !globalThis.indexedDB) throw new Error("no WebCrypto");
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    part("device").hidden = false;
    await show();
    part("make").addEventListener("click", async () => {
      const name = part("name").value.trim();
      if (!/^[^\s+]{3,60}$/.test(name)) return says("密钥名要3到60个字，不能有空格和加号。");
      await make(name);
      await show();
      return says("密钥已生成，只存在这台设备上。把下面的见证公钥交给社区或镇街登记。");
    });
    part("sign").addEventListener("click", async () => {
      const own = await kept();
      const note = part("note").value;
      part("text").value = note + (await cosigned(own, note));
      part("text").form.requestSubmit();
    });
  }

  begin().catch(() => says("这个浏览器不能签名（要用网址以https开头的页面和较新的浏览器），请用别的程序签好后粘贴。"));
})();
