// The prime-order subgroup of edwards25519 (RFC 8032) in whole numbers of the browser. Points in extended coordinates.
// Not constant in time: it runs on the device of the person whose secret it is.

const P = 2n ** 255n - 19n;
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
export const BYTES = 32;
const WINDOWS = 64;

const mod = (value) => ((value % P) + P) % P;
const modOrder = (value) => ((value % ORDER) + ORDER) % ORDER;

function power(base, exponent) {
  let found = 1n;
  for (let square = mod(base), left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) found = (found * square) % P;
    square = (square * square) % P;
  }
  return found;
}

const inverse = (value) => power(value, P - 2n);
const D = mod(-121665n * inverse(121666n));
const D2 = (2n * D) % P;
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

export const IDENTITY = [0n, 1n, 1n, 0n];

export function plus([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = ((y1 - x1) * (y2 - x2)) % P;
  const b = ((y1 + x1) * (y2 + x2)) % P;
  const c = (((t1 * t2) % P) * D2) % P;
  const d = (2n * z1 * z2) % P;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

function doubled([x, y, z]) {
  const a = (x * x) % P;
  const b = (y * y) % P;
  const h = a + b;
  const e = h - (((x + y) * (x + y)) % P);
  const g = a - b;
  const f = ((2n * z * z) % P) + g;
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

export const minus = (first, [x, y, z, t]) => plus(first, [-x, y, z, -t]);

// Four bits at a time; the scalar is not reduced, so that `times(ORDER, …)` tells whether a point is of that order.
export function times(scalar, point) {
  const table = [IDENTITY, point];
  for (let n = 2; n < 16; n += 1) table.push(plus(table[n - 1], point));
  let found = IDENTITY;
  for (const digit of scalar.toString(16)) {
    found = doubled(doubled(doubled(doubled(found))));
    if (digit !== "0") found = plus(found, table[parseInt(digit, 16)]);
  }
  return found;
}

// Multiples of a point that is used again and again: a table, no doublings.
export class Fixed {
  constructor(point) {
    this.rows = [];
    for (let window = 0, base = point; window < WINDOWS; window += 1) {
      const row = [IDENTITY];
      for (let n = 1; n < 16; n += 1) row.push(plus(row[n - 1], base));
      this.rows.push(row);
      base = plus(row[15], base);
    }
  }

  times(scalar) {
    let found = IDENTITY;
    let left = modOrder(scalar);
    for (let window = 0; left > 0n; window += 1, left >>= 4n) {
      const digit = Number(left & 15n);
      if (digit) found = plus(found, this.rows[window][digit]);
    }
    return found;
  }
}

const toHex = (value) => {
  const big = value.toString(16).padStart(2 * BYTES, "0");
  return big.match(/../g).reverse().join("");
};
const fromHex = (text) => {
  if (typeof text !== "string" || !/^[0-9a-f]{64}$/.test(text)) throw new Error("32 bytes in small hex letters");
  return BigInt(`0x${text.match(/../g).reverse().join("")}`);
};

export const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const hexOf = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");

export function encoded([x, y, z]) {
  const inverted = inverse(z);
  return toHex(mod(y * inverted) | ((mod(x * inverted) & 1n) << 255n));
}

// A canonical encoding of a point of prime order, or an error.
export function decoded(text) {
  const whole = fromHex(text);
  const sign = whole >> 255n;
  const y = whole & ((1n << 255n) - 1n);
  if (y >= P) throw new Error("no point");
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = (u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n)) % P;
  if ((v * x * x) % P !== u) x = (x * ROOT_OF_MINUS_ONE) % P;
  if ((v * x * x) % P !== u || (x === 0n && sign)) throw new Error("no point");
  if ((x & 1n) !== sign) x = P - x;
  const point = [x, y, 1n, (x * y) % P];
  if (isIdentity(point) || !isIdentity(times(ORDER, point))) throw new Error("not of prime order");
  return point;
}

export const isIdentity = ([x, y, z]) => mod(x) === 0n && mod(y - z) === 0n;
export const same = ([x1, y1, z1], [x2, y2, z2]) => mod(x1 * z2 - x2 * z1) === 0n && mod(y1 * z2 - y2 * z1) === 0n;

export const BASE_POINT = decoded(toHex((4n * inverse(5n)) % P));
export const BASE = new Fixed(BASE_POINT);

export const shown = (scalar) => toHex(modOrder(scalar));
export function scalarOf(text) {
  const value = fromHex(text);
  if (value >= ORDER) throw new Error("a scalar above the order");
  return value;
}

export const reduced = modOrder;
export const littleEndian = (bytes) => bytes.reduceRight((whole, one) => (whole << 8n) | BigInt(one), 0n);

export function randomScalar() {
  const bytes = new Uint8Array(2 * BYTES);
  globalThis.crypto.getRandomValues(bytes);
  return modOrder(littleEndian(bytes)) || 1n;
}

export function inverseOfOrder(value) {
  let [low, high] = [modOrder(value), ORDER];
  let [first, second] = [1n, 0n];
  while (low > 1n) {
    const whole = high / low;
    [low, high] = [high - whole * low, low];
    [first, second] = [second - whole * first, first];
  }
  return modOrder(first);
}

const utf8 = (text) => new TextEncoder().encode(text);

// SHA-512 over a label and parts (texts in UTF-8, bytes), each with its length before it as eight little-endian bytes.
export async function digest(label, ...parts) {
  const all = [label, ...parts].map((one) => (typeof one === "string" ? utf8(one) : one));
  const pieces = all.flatMap((one) => {
    const length = new Uint8Array(8);
    new DataView(length.buffer).setUint32(0, one.length, true);
    return [length, one];
  });
  const whole = new Uint8Array(pieces.reduce((length, one) => length + one.length, 0));
  let place = 0;
  for (const one of pieces) {
    whole.set(one, place);
    place += one.length;
  }
  return new Uint8Array(await globalThis.crypto.subtle.digest("SHA-512", whole));
}

export const challenge = async (label, ...parts) => modOrder(littleEndian(await digest(label, ...parts)));

export async function sha256(text) {
  return hexOf(new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", utf8(text))));
}
