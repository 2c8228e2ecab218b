// The ballot's page: what is ticked stays on the page; what leaves it is the sealed ballot.

import { cast, fingerprint } from "./ballots.js";

const GROUP = 4;
const SHOWN = 12;
const get = (id) => document.getElementById(id);
const form = get("sealed-form");

function start(given) {
  const boxes = [...get("ballot").querySelectorAll("input[type=checkbox]")];
  const chosen = () => boxes.filter((one) => one.checked).map((one) => one.value);
  let round = 0;

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
    const ballot = await cast(given, picked);
    const print = (await fingerprint(ballot)).slice(0, SHOWN).toUpperCase();
    if (own !== round) return;
    get("sealed").value = JSON.stringify(ballot);
    get("print").textContent = print.match(new RegExp(`.{${GROUP}}`, "g")).join("-");
    get("cast").disabled = false;
  }

  get("look").addEventListener("click", look);
  get("change").addEventListener("click", () => {
    round += 1;
    get("sealed").value = "";
    get("confirm").hidden = true;
    get("choose").hidden = false;
    boxes[0].focus();
  });
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
