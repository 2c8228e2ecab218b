// Rounds and signing in where there is no network. A form marked data-offline is put into the phone's own store with
// a number made here, then sent; what could not be sent waits and is sent when the network is back. The platform keeps
// one round for one number, however often it comes. Without this script the forms are sent as forms are.
"use strict";

(() => {
  const script = document.currentScript;
  const USER = script.dataset.user || "";
  const STORE = "waiting";
  const PAGES = "patrol-pages";
  const OWNER = "patrol-user";
  const RETRY_MS = 30000;
  const KEY_BYTES = 16;
  const DRAFT_MS = 400;
  const DRAFT_LASTS_MS = 24 * 60 * 60 * 1000;
  const UNSENT = { waiting: "等待发送", refused: "平台没有收，要修改", login: "要重新登录才能发送" };

  // ------------------------------------------------------------------ the store

  function opened() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open("gongzhi-patrol", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async function inStore(mode, act) {
    const base = await opened();
    try {
      return await new Promise((resolve, reject) => {
        const change = base.transaction(STORE, mode);
        const asked = act(change.objectStore(STORE));
        change.oncomplete = () => resolve(asked && asked.result);
        change.onabort = change.onerror = () => reject(change.error);
      });
    } finally {
      base.close();
    }
  }

  const keep = (row) => inStore("readwrite", (rows) => rows.put(row));
  const forget = (key) => inStore("readwrite", (rows) => rows.delete(key));
  const waiting = async () =>
    (await inStore("readonly", (rows) => rows.getAll()))
      .filter((one) => one.user === USER)
      .sort((one, other) => one.at.localeCompare(other.at));

  // ------------------------------------------------------------------ numbers and times

  const newKey = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), (one) => one.toString(16).padStart(2, "0")).join("");

  // The clock of China whatever the phone is set to, as the form's own fields write it.
  function chinaTime(moment) {
    const parts = new Intl.DateTimeFormat("sv-SE", {
      timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit", second: "2-digit",
    }).format(moment);
    return parts.replace(" ", "T");
  }

  function setField(form, name, value) {
    if (form.elements[name]) form.elements[name].value = value;
  }

  // ------------------------------------------------------------------ sending

  let sending = null;
  let told = null; // what the platform said of the form on this page: { key, errors }

  // One after the other: whoever asks while it runs has his own turn after it.
  function sendAll() {
    const before = sending || Promise.resolve();
    const turn = before.then(sendEach);
    sending = turn;
    return turn;
  }

  async function sendEach() {
    try {
      for (const row of await waiting()) {
        if (row.state === "refused") continue;
        const done = await send(row);
        if (!done) break;
      }
    } catch (error) {
      console.warn("patrol:", error);
    } finally {
      await show();
    }
  }

  // Sends one. True when it was taken (or refused for good): the next one may go. The page is fetched first, for the
  // token of its forms belongs to this session and may be another one than when the form was filled.
  async function send(row) {
    let token;
    try {
      const page = await fetch(row.url, { headers: { "X-Patrol": "send" }, cache: "no-store", credentials: "same-origin" });
      if (page.status >= 500) return false;
      if (!page.ok) return refuse(row, page.status === 404 || page.status === 403 ? "没有这一页的权限了" : "");
      if (new URL(page.url).pathname !== new URL(row.url, location.href).pathname) return mark(row, "login");
      const found = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]");
      if (!found) return mark(row, "login");
      token = found.value;
    } catch {
      return false;
    }
    const data = new FormData();
    for (const [name, value] of row.fields) {
      if (name === "csrfmiddlewaretoken") data.append(name, token);
      else if (value instanceof Blob) data.append(name, value, value.name || "photo.jpg");
      else data.append(name, value);
    }
    let answer;
    try {
      answer = await fetch(row.url, { method: "POST", body: data, credentials: "same-origin" });
    } catch {
      return false;
    }
    const taken = answer.redirected && answer.ok;
    if (taken && !new URL(answer.url).pathname.startsWith(script.dataset.scope)) return mark(row, "login");
    if (taken) {
      await forget(row.key);
      if (row.open) location.assign(answer.url);
      return true;
    }
    if (answer.status >= 500) return false;
    const errors = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".gz-errors, .gz-refused");
    if (errors) told = { key: row.key, errors: document.importNode(errors, true) };
    return refuse(row, errors ? errors.textContent.replace(/\s+/g, " ").trim() : "");
  }

  async function mark(row, state, message) {
    const latest = (await waiting()).find((one) => one.key === row.key);
    if (!latest || latest.stamp !== row.stamp) return false; // filled again meanwhile: that one has its own turn
    await keep({ ...row, state, message: message || "", open: false, fields: offline(row.fields) });
    return state === "refused";
  }

  const refuse = (row, message) => mark(row, "refused", message);

  // ------------------------------------------------------------------ what waits, on the page

  async function show() {
    const box = document.getElementById("gz-waiting");
    if (!box) return;
    let rows = [];
    try {
      rows = await waiting();
    } catch {
      return;
    }
    box.hidden = rows.length === 0;
    box.replaceChildren();
    const form = document.querySelector("form[data-offline]");
    const here = rows.find((one) => one.state === "refused" && form && one.key === form.dataset.key);
    if (here && told && told.key === here.key) box.append(told.errors);
    const others = rows.filter((one) => one !== here || !told);
    if (!others.length) return;
    const note = document.createElement("div");
    note.className = "gz-note gz-today";
    const head = document.createElement("p");
    const unsent = others.filter((one) => one.state === "waiting").length;
    head.textContent = unsent
      ? `手机上存着${unsent}份没有发送的，联网后自动发送，只算一次。`
      : `手机上存着${others.length}份要您处理的，处理好才算提交。`;
    note.append(head);
    for (const row of others) {
      const line = document.createElement("p");
      line.textContent = `${row.title}（${row.at.replace("T", " ").slice(0, 16)}）：${UNSENT[row.state] || ""}${row.message ? `：${row.message}` : ""}　`;
      if (row.state !== "waiting") {
        line.append(button("改好再发", () => restore(row)), " ", button("删掉", () => drop(row)));
      }
      note.append(line);
    }
    if (unsent) {
      const acts = document.createElement("p");
      acts.append(button("现在发送", () => sendAll()));
      note.append(acts);
    }
    box.append(note);
  }

  function button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-outline-primary";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  async function drop(row) {
    if (!confirm("删掉以后不能恢复，确定删掉吗？")) return;
    await forget(row.key);
    await show();
  }

  // Puts what was refused, or waits for a login, back into its form; the number stays, so that it is still one round.
  function restore(row) {
    if (new URL(row.url, location.href).pathname !== location.pathname) {
      location.assign(row.url);
      return;
    }
    const form = document.querySelector("form[data-offline]");
    fill(form, row.fields.filter(([, value]) => !(value instanceof Blob)));
    form.dataset.key = row.key;
    form.scrollIntoView();
  }

  function fill(form, fields) {
    for (const [name, value] of fields) {
      const field = form.elements[name];
      if (!field || name === "csrfmiddlewaretoken") continue;
      if (value instanceof Blob) {
        const held = new DataTransfer();
        for (const one of [...field.files, value]) held.items.add(one);
        field.files = held.files;
      } else if (field instanceof RadioNodeList) {
        for (const one of field) if (one.value === value) one.checked = true;
      } else if (field.type === "checkbox") field.checked = field.value === value;
      else field.value = value;
    }
    for (const one of form.querySelectorAll("details")) one.open = true;
  }

  // ------------------------------------------------------------------ what is half filled

  // A phone drops a page that lies behind the camera; what was typed and taken so far is put back. Nobody's row: it is
  // never sent by itself.
  const draftOf = (form) => `draft ${USER} ${new URL(form.action, location.href).pathname}`;
  let saving = 0;

  function touched(event) {
    const form = event.currentTarget;
    form.dataset.touched = "1";
    clearTimeout(saving);
    saving = setTimeout(keepDraft, DRAFT_MS, form);
  }

  async function keepDraft(form) {
    if (!form.dataset.touched || form.dataset.key) return;
    const fields = [...new FormData(form)].filter(([, value]) => !(value instanceof Blob) || value.size);
    try {
      await keep({ key: draftOf(form), user: "", fields, stamp: Date.now() });
    } catch (error) {
      console.warn("patrol:", error);
    }
  }

  async function resume(form) {
    const row = await inStore("readonly", (rows) => rows.get(draftOf(form)));
    if (!row || form.dataset.touched || form.dataset.key) return;
    if (Date.now() - row.stamp > DRAFT_LASTS_MS) {
      await forget(row.key);
      return;
    }
    fill(form, row.fields);
    form.dataset.touched = "1";
    const note = document.createElement("p");
    note.className = "gz-note";
    note.append("上次没有填完的还在，接着填。　", button("清空重填", async () => {
      note.remove();
      await clear(form);
    }));
    form.prepend(note);
  }

  async function clear(form) {
    clearTimeout(saving);
    await forget(draftOf(form));
    begin(form, true);
  }

  // ------------------------------------------------------------------ the form

  async function submitted(event) {
    const form = event.currentTarget;
    event.preventDefault();
    clearTimeout(saving);
    const now = new Date();
    const key = form.dataset.key || newKey();
    const kept = form.dataset.key ? (await waiting()).find((one) => one.key === key) : null;
    const at = kept ? kept.at : chinaTime(now);
    setField(form, "key", key);
    setField(form, "form_key", `f${key}${now.getTime().toString(36)}`.slice(0, 64));
    setField(form, "walked_at", at);
    setField(form, "at", at);
    setField(form, "offline", navigator.onLine ? "" : "1");
    const fields = [...new FormData(form, event.submitter)].filter(([, value]) => !(value instanceof Blob) || value.size);
    if (kept) fields.push(...kept.fields.filter(([name, value]) => value instanceof Blob && !fields.some(([one]) => one === name)));
    const row = { key, user: USER, url: form.action || location.href, title: form.dataset.offline, fields,
      at, state: "waiting", message: "", open: true, stamp: now.getTime() };
    try {
      await keep(row);
      await forget(draftOf(form));
    } catch {
      form.submit();
      return;
    }
    form.dataset.key = key; // what is refused is put right in the form that it came from
    await sendAll();
    const left = (await waiting()).find((one) => one.key === key);
    if (!left) return;
    if (left.state === "waiting") {
      await keep({ ...left, open: false, fields: offline(left.fields) });
      delete form.dataset.key;
      begin(form, true);
      await show();
    }
    document.getElementById("gz-waiting").scrollIntoView();
  }

  const offline = (fields) => fields.map(([name, value]) => (name === "offline" ? [name, "1"] : [name, value]));

  // A clean form with a time of its own.
  function begin(form, again) {
    if (again) form.reset();
    delete form.dataset.touched;
    setField(form, "began_at", chinaTime(new Date()));
  }

  // ------------------------------------------------------------------ pages that stay on the phone

  async function keepPages() {
    if (!("serviceWorker" in navigator) || !("caches" in window)) return;
    if (localStorage.getItem(OWNER) !== USER) {
      await caches.delete(PAGES);
      localStorage.setItem(OWNER, USER);
    }
    await navigator.serviceWorker.register(script.dataset.worker, { scope: script.dataset.scope });
    const wanted = [location.href];
    for (const one of document.querySelectorAll("[data-keep]")) wanted.push(one.href);
    for (const form of document.querySelectorAll("[data-ahead]")) wanted.push(...form.dataset.ahead.split(" ").filter(Boolean));
    const assets = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon]")].map((one) => one.href);
    assets.push(...[...document.scripts].map((one) => one.src).filter(Boolean));
    const cache = await caches.open(PAGES);
    for (const url of [...wanted, ...assets]) {
      try {
        const page = await fetch(url, { credentials: "same-origin" });
        if (page.ok && !page.redirected) await cache.put(url, page);
      } catch {
        return; // no network: what was kept before stays
      }
    }
  }

  for (const form of document.querySelectorAll("form[data-offline]")) {
    begin(form, false);
    form.addEventListener("submit", submitted);
    form.addEventListener("input", touched);
    form.addEventListener("change", touched);
    document.addEventListener("visibilitychange", () => document.hidden && keepDraft(form));
    resume(form).catch((error) => console.warn("patrol:", error));
  }
  window.addEventListener("online", sendAll);
  setInterval(() => navigator.onLine && sendAll(), RETRY_MS);
  sendAll();
  keepPages().catch((error) => console.warn("patrol:", error));
})();
