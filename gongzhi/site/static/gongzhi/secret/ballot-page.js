// The ballot's page: what is ticked stays on the page; what leaves it is the sealed ballot.

import { fingerprint, opening, sealed } from "./ballots.js";

const GROUP = 4;
const SHOWN = 12;
const get = (id) => document.getElementById(id);
const form = get("sealed-form");

function start(given) {
  const boxes = [...get("ballot").querySelectorAll("input[type=checkbox]")];
  const chosen = () => boxes.filter((one) => one.checked).map((one) => one.value);
  let round = 0;
  let held = null;

  async function look() {
    const picked = chosen();
    get("too-many").hidden = picked.length <= given.most;
    if (picked.length > given.most) {
      get("too-many").scrollIntoView({ block: "center" });
      return;
    }
    round += 1;
    const own = round;
    get("chosen").textContent = picked.map((one) => given.names[one]).join("、") || "弃权（一名不选）";
    get("print").textContent = "正在加密…";
    get("cast").disabled = true;
    get("choose").hidden = true;
    get("confirm").hidden = false;
    get("h-look").focus();
    await new Promise((done) => { setTimeout(done); });
    const made = await sealed(given, picked);
    const print = (await fingerprint(made.ballot)).slice(0, SHOWN).toUpperCase();
    if (own !== round) return;
    held = { made, picked };
    get("sealed").value = JSON.stringify(made.ballot);
    get("print").textContent = print.match(new RegExp(`.{${GROUP}}`, "g")).join("-");
    get("cast").disabled = false;
    get("challenge").disabled = false;
  }

  function choose() {
    round += 1;
    held = null;
    get("sealed").value = "";
    get("challenge").disabled = true;
    for (const part of ["confirm", "opened", "not-opened"]) get(part).hidden = true;
    get("choose").hidden = false;
    boxes[0].focus();
  }

  // The fingerprint has been shown: only now is said whether this ballot is cast or opened. Opened it counts no more.
  async function challenge() {
    const { made, picked } = held;
    get("challenge").disabled = true;
    get("cast").disabled = true;
    const data = new FormData(form);
    data.delete("sealed");
    data.set("challenge", JSON.stringify(made.ballot));
    const answer = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).catch(() => null);
    const told = answer?.headers.get("content-type")?.startsWith("application/json") ? await answer.json() : null;
    if (!answer?.ok) {
      get("why").textContent = told?.message ?? "没有连上平台，这张票还没有作废。请再试一次。";
      get("not-opened").hidden = false;
      get("challenge").disabled = false;
      get("cast").disabled = false;
      return;
    }
    const text = JSON.stringify(opening(given, made, picked), null, 1);
    get("opening").value = text;
    get("opening-file").href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    get("opened-print").textContent = get("print").textContent;
    get("sealed").value = "";
    held = null;
    get("confirm").hidden = true;
    get("opened").hidden = false;
    get("h-opened").focus();
  }

  get("look").addEventListener("click", look);
  get("change").addEventListener("click", choose);
  get("challenge").addEventListener("click", challenge);
  get("again").addEventListener("click", choose);
  form.addEventListener("submit", (event) => {
    if (!get("sealed").value) event.preventDefault();
    for (const one of boxes) one.checked = false;
    get("cast").disabled = true;
  });
  get("no-crypto").hidden = true;
  form.hidden = false;
  form.dataset.ready = "1";
}

// Without this the page says that the device cannot encrypt, and where to go.
if (form && globalThis.crypto?.subtle && globalThis.BigInt) start(JSON.parse(get("sealed-given").textContent));
