// Checks a receipt in the reader's own browser: the promise, the checkpoint's signature and the inclusion proof
// (RFC 9162 section 2.1.3.2). Needs WebCrypto; where Ed25519 is missing, says so and still checks the proof.
"use strict";

(() => {
  const HASH_BYTES = 32;
  const KEY_ID_BYTES = 4;

  class NoSignatures extends Error {}

  const utf8 = (text) => new TextEncoder().encode(text);
  const same = (a, b) => a.length === b.length && a.every((one, place) => one === b[place]);
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let place = 0;
    for (const part of parts) {
      whole.set(part, place);
      place += part.length;
    }
    return whole;
  };

  function fromHex(text) {
    if (typeof text !== "string" || !/^[0-9a-f]{64}$/.test(text)) throw new Error("hex");
    return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  }

  function fromBase64(text) {
    const plain = atob(text);
    if (btoa(plain) !== text) throw new Error("base64");
    return Uint8Array.from(plain, (one) => one.charCodeAt(0));
  }

  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const node = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

  async function signed(key, signature, message) {
    let imported;
    try {
      imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    } catch (error) {
      throw new NoSignatures();
    }
    return crypto.subtle.verify("Ed25519", imported, signature, message);
  }

  async function promise(receipt) {
    const { at, key, signature } = receipt.promise;
    if (!Number.isSafeInteger(at)) return false;
    fromHex(receipt.leaf);
    const text = `gongzhi promise v1\n${receipt.log}\n${receipt.leaf}\n${at}\n`;
    return signed(fromHex(key), fromBase64(signature), utf8(text));
  }

  function parsedNote(note) {
    const gap = note.lastIndexOf("\n\n");
    const text = note.slice(0, gap + 1);
    const lines = note.slice(gap + 2).split("\n");
    const body = text.split("\n");
    if (gap < 0 || lines.pop() !== "" || body.length !== 4 || body[3] !== "" || !/^(0|[1-9]\d{0,15})$/.test(body[1])) {
      throw new Error("note");
    }
    return { text, lines, origin: body[0], size: Number(body[1]), root: fromBase64(body[2]) };
  }

  // The first signature is the log's: its key's id stands before it.
  async function checkpoint(receipt) {
    const note = parsedNote(receipt.checkpoint.note);
    const key = fromHex(receipt.checkpoint.key);
    const [dash, name, encoded] = note.lines[0].split(" ");
    const value = fromBase64(encoded);
    const id = (await sha256(joined(utf8(`${receipt.log}\n`), Uint8Array.of(1), key))).slice(0, KEY_ID_BYTES);
    if (dash !== "—" || name !== receipt.log || note.origin !== receipt.log) return false;
    if (!same(value.slice(0, KEY_ID_BYTES), id)) return false;
    return signed(key, value.slice(KEY_ID_BYTES), utf8(note.text));
  }

  async function inclusion(receipt) {
    const { size, root } = parsedNote(receipt.checkpoint.note);
    const { index } = receipt.inclusion;
    const path = receipt.inclusion.path.map(fromBase64);
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
    if (path.some((one) => one.length !== HASH_BYTES)) return false;
    let [first, last, value] = [index, size - 1, fromHex(receipt.leaf)];
    const halve = () => {
      first = Math.floor(first / 2);
      last = Math.floor(last / 2);
    };
    for (const part of path) {
      if (last === 0) return false;
      if (first % 2 === 1 || first === last) {
        value = await node(part, value);
        while (first % 2 === 0 && first !== 0) halve();
      } else {
        value = await node(value, part);
      }
      halve();
    }
    return last === 0 && same(value, root);
  }

  const tag = (cell, tone, word, rest) => {
    const mark = document.createElement("span");
    mark.className = `gz-tag ${tone}`;
    mark.textContent = word;
    cell.replaceChildren(mark, ` ${rest}`);
  };

  async function checkAll(receipt) {
    const checks = { promise, checkpoint, inclusion };
    const found = { good: 0, bad: 0, missing: 0 };
    for (const [name, check] of Object.entries(checks)) {
      const cell = document.querySelector(`[data-check="${name}"]`);
      if (!cell) continue;
      try {
        const good = await check(receipt);
        found[good ? "good" : "bad"] += 1;
        tag(cell, good ? "gz-ok" : "gz-over", good ? "相符" : "不符", good ? "在这台手机、电脑上算过" : "在这台手机、电脑上算不通");
      } catch (error) {
        if (error instanceof NoSignatures) {
          found.missing += 1;
          tag(cell, "gz-wait", "没有核对", "这个浏览器较旧，不会验这种签名");
        } else {
          found.bad += 1;
          tag(cell, "gz-over", "不符", "写法不对");
        }
      }
    }
    return found;
  }

  async function run() {
    const says = document.getElementById("receipt-browser");
    if (!says) return;
    if (!globalThis.crypto?.subtle) {
      says.textContent = "这个网址没有加密，浏览器不肯核对：上面只有服务器自己的核对。请用 https 开头的网址打开。";
      return;
    }
    const found = await checkAll(JSON.parse(document.getElementById(says.dataset.text).value));
    if (found.bad) says.textContent = `您的浏览器自己核对：有 ${found.bad} 项不符。`;
    else if (found.missing) says.textContent = `您的浏览器自己核对了 ${found.good} 项，都相符；签名 ${found.missing} 项只有服务器核对过。`;
    else says.textContent = `您的浏览器自己核对了 ${found.good} 项，都相符，没有靠服务器。`;
    says.dataset.done = "1";
  }

  run();
})();
