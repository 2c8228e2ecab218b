// A sealed ballot: each candidate a ciphertext of 0 or 1 with a proof of that, and a proof of how many are 1.
// The same as gongzhi/proof/secret/ballots.py; docs/secret-votes.md has the formulas. What was chosen stays here.

import { BASE, Fixed, bytesOf, challenge, decoded, digest, encoded, IDENTITY, minus, plus, randomScalar, reduced } from "./group.js";
import { scalarOf, sha256, shown, times } from "./group.js";

const BALLOT_LABEL = "gongzhi secret ballot v1";
const PROOF_LABEL = "gongzhi secret proof v1";
const SUM = "sum";

// `context`: election, voter, key (hex), options, least, most.
const bound = (context, pairs) =>
  digest(
    BALLOT_LABEL,
    context.election,
    context.voter,
    bytesOf(context.key),
    Uint8Array.of(context.least, context.most),
    ...context.options,
    ...pairs.flatMap(({ a, b }) => [bytesOf(encoded(a)), bytesOf(encoded(b))]),
  );

const allowedSum = ({ least, most }) => Array.from({ length: most - least + 1 }, (_, place) => least + place);
const summed = (pairs) =>
  pairs.reduce((found, one) => ({ a: plus(found.a, one.a), b: plus(found.b, one.b) }), { a: IDENTITY, b: IDENTITY });

function commitments(key, pair, value, { c, s }) {
  const shifted = value ? minus(pair.b, BASE.times(BigInt(value))) : pair.b;
  return [minus(BASE.times(s), times(c, pair.a)), minus(key.times(s), times(c, shifted))];
}

const asked = (hidden, place, points) => challenge(PROOF_LABEL, hidden, place, ...points.map((one) => bytesOf(encoded(one))));

// That the pair hides a value of `allowed`: the true branch answers, the others are simulated.
async function prove(key, pair, { value, nonce, allowed, hidden, place, random }) {
  const secret = random();
  const branches = [];
  const points = [];
  for (const other of allowed) {
    if (other === value) {
      branches.push({ c: 0n, s: 0n });
      points.push(BASE.times(secret), key.times(secret));
    } else {
      const branch = { c: random(), s: random() };
      branches.push(branch);
      points.push(...commitments(key, pair, other, branch));
    }
  }
  const whole = await asked(hidden, place, points);
  const rest = reduced(whole - branches.reduce((total, { c }) => total + c, 0n));
  branches[allowed.indexOf(value)] = { c: rest, s: reduced(secret + rest * nonce) };
  return branches;
}

const branchesShown = (branches) => branches.map(({ c, s }) => ({ c: shown(c), s: shown(s) }));

// Encrypts and proves; `chosen`: names of options. `random` is another only in tests.
export const cast = async (context, chosen, random = randomScalar) => (await sealed(context, chosen, random)).ballot;

// The ballot with what opens it: `nonces` never leave this device, unless the voter has this one opened instead of cast.
export async function sealed(context, chosen, random = randomScalar) {
  const values = context.options.map((option) => Number(chosen.includes(option)));
  const count = values.reduce((total, one) => total + one, 0);
  if (count !== chosen.length || count < context.least || count > context.most) throw new Error("not what this ballot allows");
  const key = new Fixed(decoded(context.key));
  const nonces = values.map(() => random());
  const pairs = values.map((value, place) => ({
    a: BASE.times(nonces[place]),
    b: plus(BASE.times(BigInt(value)), key.times(nonces[place])),
  }));
  const hidden = await bound(context, pairs);
  const options = [];
  for (const [place, pair] of pairs.entries()) {
    const given = { value: values[place], nonce: nonces[place], allowed: [0, 1], hidden, place: String(place), random };
    const proof = branchesShown(await prove(key, pair, given));
    options.push({ a: encoded(pair.a), b: encoded(pair.b), proof });
  }
  const nonce = reduced(nonces.reduce((total, one) => total + one, 0n));
  const given = { value: count, nonce, allowed: allowedSum(context), hidden, place: SUM, random };
  const ballot = { options, sum: branchesShown(await prove(key, summed(pairs), given)) };
  return { ballot, nonces: nonces.map(shown) };
}

// What any other device or program can hold against the fingerprint that was shown before: verify.py --challenge.
export const opening = ({ election, voter, key, options, least, most, names }, { ballot, nonces }, chosen) => ({
  format: "gongzhi-challenge/1",
  election,
  voter,
  key,
  options,
  least,
  most,
  names,
  chosen,
  nonces,
  ballot,
});

async function proven(key, pair, branches, { allowed, hidden, place }) {
  if (branches.length !== allowed.length) return false;
  const read = branches.map(({ c, s }) => ({ c: scalarOf(c), s: scalarOf(s) }));
  const points = allowed.flatMap((value, number) => commitments(key, pair, value, read[number]));
  return reduced(read.reduce((total, { c }) => total + c, 0n)) === (await asked(hidden, place, points));
}

// Whether every option hides 0 or 1, and as many are 1 as allowed, for this voter in this election.
export async function verified(ballot, context) {
  try {
    if (ballot.options.length !== context.options.length) return false;
    const key = new Fixed(decoded(context.key));
    const pairs = ballot.options.map(({ a, b }) => ({ a: decoded(a), b: decoded(b) }));
    const hidden = await bound(context, pairs);
    for (const [place, pair] of pairs.entries()) {
      const given = { allowed: [0, 1], hidden, place: String(place) };
      if (!(await proven(key, pair, ballot.options[place].proof, given))) return false;
    }
    return proven(key, summed(pairs), ballot.sum, { allowed: allowedSum(context), hidden, place: SUM });
  } catch (error) {
    return false;
  }
}

// What the receipt shows too: the ballot in the log is the one that this device made.
export const fingerprint = (ballot) => sha256(JSON.stringify(ballot));
