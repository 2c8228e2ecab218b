// The trustee's page: his code is read here and goes nowhere; what is sent is what stands in the field below.

import { answer, BadTrustee, ceremonyCode, codeOf, newCode, NothingToDo } from "./trustee.js";
import { sha256 } from "./group.js";

const get = (id) => document.getElementById(id);
const device = get("device");

const WORDS = {
  code: "这个代码和您领取编号时用的不是同一个，请核对纸上抄的。",
  few: "票太少，开出合计会看出个别人选了谁，这台手机不开。请向镇街反映。",
  sums: "平台给的合计和重新加出来的不符，这台手机不开。请停办，向镇街反映。",
};

function told(error) {
  if (error instanceof RangeError) return "代码写错了：一共8组、每组4个，请对照纸上抄的。";
  if (error instanceof NothingToDo) return "这一步要等其他托管人，请刷新页面。";
  if (error instanceof BadTrustee) {
    return WORDS[error.message] ?? `有一名托管人交的内容证明不成立（${error.message}），这台手机不往下办。请停办，向镇街反映。`;
  }
  return "没有算成，请刷新页面再试，或用离线工具。";
}

// One election's totals are opened once: two different sums would tell single ballots apart.
async function openedOnce(file, made) {
  if (!made.open) return;
  const name = `gongzhi-opened ${file.origin} ${file.number}`;
  const print = await sha256(JSON.stringify(file.sums));
  const before = localStorage.getItem(name);
  if (before && before !== print) throw new BadTrustee("sums");
  localStorage.setItem(name, print);
}

async function work() {
  const [typed, button, progress] = [get("code").value, get("work"), get("progress")];
  get("code-error").textContent = "";
  button.disabled = true;
  try {
    await codeOf(typed);
    progress.textContent = "正在这台设备上计算…";
    const file = await (await fetch(device.dataset.file, { headers: { Accept: "application/json" } })).json();
    const shown = get("server-code")?.textContent;
    if (shown && shown !== (await ceremonyCode(file))) throw new BadTrustee("code-of-all");
    const made = await answer(file, typed, (done, all) => { progress.textContent = `正在重新加票：${done} / ${all}`; });
    await openedOnce(file, made);
    if (made.complaint) {
      progress.textContent = `${made.complaint.giver}号托管人给您的份额和他的承诺不符，正在交举报…`;
    }
    get("id_answer").value = JSON.stringify(made);
    get("code").value = "";
    get("answer-form").submit();
  } catch (error) {
    progress.textContent = "";
    get("code-error").textContent = told(error);
    button.disabled = false;
    get("code").focus();
  }
}

// Without this the page says that the device cannot do it, and how it is done without one.
if (device && globalThis.crypto?.subtle && globalThis.BigInt) {
  get("no-crypto").hidden = true;
  device.hidden = false;
  device.dataset.ready = "1";
  get("work").addEventListener("click", work);
  get("make-code")?.addEventListener("click", async () => { get("new-code").textContent = await newCode(); });
}
