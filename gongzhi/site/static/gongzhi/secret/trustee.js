// A trustee's part in his own browser: the same as gongzhi/proof/secret/ceremony.py and trustee_tool.py.
// His code, and whatever follows from it, is never sent anywhere.

import { BASE, IDENTITY, ORDER, bytesOf, challenge, decoded, digest, encoded, hexOf, isIdentity, littleEndian } from "./group.js";
import { minus, plus, randomScalar, reduced, same, scalarOf, sha256, shown, times } from "./group.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DRAWN = 28;
const CHECKED = 4;
const FORMAT = "gongzhi-trustee/1";
const utf8 = (text) => new TextEncoder().encode(text);
const point = (one) => bytesOf(encoded(one));

export class NothingToDo extends Error {}
export class BadTrustee extends Error {}

const check = async (drawn) =>
  Array.from((await digest("gongzhi trustee code v1", drawn)).slice(0, CHECKED), (one) => ALPHABET[one % ALPHABET.length]).join("");

export async function newCode() {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(DRAWN));
  const drawn = Array.from(bytes, (one) => ALPHABET[one % ALPHABET.length]).join("");
  return (drawn + (await check(drawn))).match(/.{4}/g).join("-");
}

export async function codeOf(typed) {
  const letters = { O: "0", I: "1", L: "1" };
  const code = typed.toUpperCase().replace(/[\s-]/g, "").replace(/[OIL]/g, (one) => letters[one]);
  const drawn = code.slice(0, DRAWN);
  if (code.length !== DRAWN + CHECKED || (await check(drawn)) !== code.slice(DRAWN)) throw new RangeError("code");
  return code;
}

const secretOf = async (code, election, purpose) =>
  (await challenge("gongzhi trustee secret v1", await codeOf(code), election, purpose)) || 1n;
const electionOf = async (file) => `${file.origin}\n${file.motion}\n${await sha256(file.voters)}`;
const asked = (label, election, number, ...points) => challenge(label, election, Uint8Array.of(number), ...points.map(point));
const proofOf = ({ c, s }) => ({ c: scalarOf(c), s: scalarOf(s) });

async function schnorr(label, election, number, secret, ...bases) {
  const nonce = randomScalar();
  const fixed = BASE.times(secret);
  const own = bases.flatMap((base) => [base, times(reduced(secret), base)]);
  const held = [BASE.times(nonce), ...bases.map((base) => times(nonce, base))];
  const c = await asked(label, election, number, fixed, ...own, ...held);
  return { c: shown(c), s: shown(nonce + c * secret) };
}

async function channelOf(value, election) {
  const own = decoded(value.point);
  const { c, s } = proofOf(value.proof);
  const held = minus(BASE.times(s), times(c, own));
  if ((await asked("gongzhi trustee channel v1", election, value.number, own, held)) !== c) throw new BadTrustee(`channel ${value.number}`);
  return { number: value.number, point: own };
}

// 会签码: all trustees seal to the same points.
export async function ceremonyCode(file) {
  const election = await electionOf(file);
  const sorted = [...file.channels].sort((one, other) => one.number - other.number);
  const pieces = [utf8(election), ...sorted.flatMap((one) => [Uint8Array.of(one.number), bytesOf(one.point)])];
  const whole = Uint8Array.from(pieces.flatMap((one) => [...one]));
  const found = new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", whole));
  return hexOf(found).slice(0, 8).toUpperCase().replace(/(.{4})/, "$1-");
}

const pad = async (election, giver, taker, ...points) =>
  (await digest("gongzhi trustee box v1", election, Uint8Array.of(giver, taker), ...points.map(point))).slice(0, 32);
const hide = (bytes, other) => bytes.map((one, place) => one ^ other[place]);

async function deal(file, election, code, channels) {
  const coefficients = [];
  for (let place = 0; place < file.needed; place += 1) coefficients.push(await secretOf(code, election, `coefficient ${place}`));
  const points = coefficients.map((one) => BASE.times(one));
  const nonce = randomScalar();
  const c = await challenge(
    "gongzhi trustee v1", election, Uint8Array.of(file.number), ...points.map(point), point(BASE.times(nonce)),
  );
  const proof = { c: shown(c), s: shown(nonce + c * coefficients[0]) };
  const published = { number: file.number, commitments: points.map(encoded), proof };
  const boxes = {};
  for (const one of channels) {
    const share = coefficients.reduceRight((found, own) => reduced(found * BigInt(one.number) + own), 0n);
    const own = randomScalar();
    const sealing = BASE.times(own);
    const key = await pad(election, file.number, one.number, sealing, times(own, one.point));
    boxes[one.number] = { point: encoded(sealing), hidden: hexOf(hide(bytesOf(shown(share)), key)) };
  }
  return { deal: { number: file.number, published, boxes } };
}

async function publishedOf(value, election, needed) {
  const points = value.commitments.map(decoded);
  const { c, s } = proofOf(value.proof);
  const held = minus(BASE.times(s), times(c, points[0]));
  const again = await challenge(
    "gongzhi trustee v1", election, Uint8Array.of(value.number), ...value.commitments.map(bytesOf), point(held),
  );
  if (points.length !== needed || again !== c) throw new BadTrustee(`published ${value.number}`);
  return { number: value.number, points };
}

const expected = ({ points }, number) => points.reduceRight((found, one) => plus(times(BigInt(number), found), one), IDENTITY);

// The shares that others sealed for this trustee; of a box that does not hold, whose it is.
async function sharesOf(file, election, code, published) {
  const secret = await secretOf(code, election, "channel");
  let whole = 0n;
  for (const giver of published) {
    const box = file.dealt.find((one) => one.published.number === giver.number).boxes[file.number];
    const sealing = decoded(box.point);
    const key = await pad(election, giver.number, file.number, sealing, times(secret, sealing));
    const share = littleEndian(hide(bytesOf(box.hidden), key));
    if (share >= ORDER || !same(BASE.times(share), expected(giver, file.number))) return { bad: giver.number, sealing, secret };
    whole += share;
  }
  return { share: reduced(whole) };
}

async function confirming(file, election, found) {
  if (found.bad) {
    const proof = await schnorr("gongzhi trustee complaint v1", election, file.number, found.secret, found.sealing);
    const shared = encoded(times(found.secret, found.sealing));
    return { complaint: { number: file.number, giver: found.bad, shared, proof } };
  }
  return { confirm: { number: file.number, proof: await schnorr("gongzhi trustee holds v1", election, file.number, found.share) } };
}

// Anew from each voter's ciphertexts and his frozen weights.
export async function summed(file, progress = () => {}) {
  const weights = JSON.parse(file.voters);
  const nothing = () => file.options.map(() => ({ a: IDENTITY, b: IDENTITY }));
  const found = { area: nothing(), heads: nothing() };
  const voters = Object.keys(file.ballots);
  for (const [number, voter] of voters.entries()) {
    if (file.ballots[voter].length !== file.options.length) throw new BadTrustee("ballot");
    for (const [place, pair] of file.ballots[voter].entries()) {
      const [a, b] = [decoded(pair.a), decoded(pair.b)];
      for (const [measure, weight] of [["area", weights[voter][0]], ["heads", weights[voter][1]]]) {
        const sum = found[measure][place];
        const scaled = weight === 1 ? [a, b] : [times(BigInt(weight), a), times(BigInt(weight), b)];
        found[measure][place] = { a: plus(sum.a, scaled[0]), b: plus(sum.b, scaled[1]) };
      }
    }
    if (number % 20 === 0) {
      progress(number, voters.length);
      await new Promise((done) => { setTimeout(done); });
    }
  }
  return found;
}

async function opening(file, election, share, progress) {
  if (Object.keys(file.ballots).length < file.guard) throw new BadTrustee("few");
  const sums = await summed(file, progress);
  const made = { number: file.number };
  for (const measure of ["area", "heads"]) {
    made[measure] = [];
    for (const [place, { a, b }] of sums[measure].entries()) {
      const stated = file.sums[measure][place];
      if (encoded(a) !== stated.a || encoded(b) !== stated.b || isIdentity(a)) throw new BadTrustee("sums");
      const [value, nonce] = [times(share, a), randomScalar()];
      const what = `${election}\n${measure}\n${file.options[place]}`;
      const points = [BASE.times(share), a, b, value, BASE.times(nonce), times(nonce, a)];
      const c = await challenge("gongzhi decryption v1", what, Uint8Array.of(file.number), ...points.map(point));
      made[measure].push({ number: file.number, value: encoded(value), proof: { c: shown(c), s: shown(nonce + c * share) } });
    }
  }
  return { open: made };
}

// The file from the page and the trustee's code in, what he hands in out. Trusts nothing that it can check.
export async function answer(file, code, progress = () => {}) {
  if (file.format !== FORMAT) throw new BadTrustee("format");
  const election = await electionOf(file);
  const secret = await secretOf(code, election, "channel");
  const channels = [];
  for (const one of file.channels) channels.push(await channelOf(one, election));
  const own = channels.find((one) => one.number === file.number);
  if (!own) {
    const proof = await schnorr("gongzhi trustee channel v1", election, file.number, secret);
    return { channel: { number: file.number, point: encoded(BASE.times(secret)), proof } };
  }
  if (!same(own.point, BASE.times(secret))) throw new BadTrustee("code");
  if (channels.length < file.count) throw new NothingToDo("channel");
  if (!file.dealt.some((one) => one.published.number === file.number)) return deal(file, election, code, channels);
  if (file.dealt.length < file.count) throw new NothingToDo("deal");
  const published = [];
  for (const one of file.dealt) published.push(await publishedOf(one.published, election, file.needed));
  const found = await sharesOf(file, election, code, published);
  if (!file.confirmed.includes(file.number)) return confirming(file, election, found);
  if (!file.sums) throw new NothingToDo(file.confirmed.length === file.count ? "open" : "confirm");
  if (found.bad) throw new BadTrustee("share");
  return opening(file, election, found.share, progress);
}
