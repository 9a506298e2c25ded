/**
 * RAID5 and RAID6 arithmetic. P is the exclusive or of the data stripes; Q is the sum of
 * g^i x D_i in GF(2^8) with g = 2 and the polynomial 0x11d (H. P. Anvin, "The mathematics
 * of RAID-6").
 */
const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; i += 1) {
  EXP[i] = value;
  EXP[i + 255] = value;
  LOG[value] = i;
  value <<= 1;
  if (value > 0xff) value ^= 0x11d;
}

/** What is left of one row of stripes: same length each, `undefined` where lost. */
export interface Row {
  readonly data: readonly (Uint8Array | undefined)[];
  readonly p: Uint8Array | undefined;
  readonly q: Uint8Array | undefined;
}

/** Rebuilds data stripe `wanted` into `out`; false when too much is lost. */
export function rebuild(row: Row, wanted: number, out: Uint8Array): boolean {
  const lost = row.data.flatMap((stripe, i) => (stripe === undefined ? [i] : []));
  if (lost.length === 1 && lost[0] === wanted) {
    if (row.p !== undefined) return fromP(row, row.p, out);
    return row.q !== undefined && fromQ(row, row.q, wanted, out);
  }
  if (lost.length !== 2 || row.p === undefined || row.q === undefined) return false;
  const other = lost[0] === wanted ? lost[1]! : lost[0]!;
  fromBoth(row, row.p, row.q, wanted, other, out);
  return true;
}

function fromP(row: Row, p: Uint8Array, out: Uint8Array): true {
  out.set(p);
  for (const stripe of row.data) if (stripe !== undefined) addInto(out, stripe);
  return true;
}

/** D = (Q + sum of g^i D_i) / g^wanted */
function fromQ(row: Row, q: Uint8Array, wanted: number, out: Uint8Array): true {
  out.set(q);
  addProducts(out, row);
  scale(out, (255 - (wanted % 255)) % 255);
  return true;
}

/**
 * Two lost, x wanted and y: with P' and Q' the sums over what is left,
 * D_x = (g^(y-x) (P + P') + g^(-x) (Q + Q')) / (g^(y-x) + 1).
 */
function fromBoth(
  row: Row,
  p: Uint8Array,
  q: Uint8Array,
  x: number,
  y: number,
  out: Uint8Array,
): void {
  const sumP = Uint8Array.from(p);
  for (const stripe of row.data) if (stripe !== undefined) addInto(sumP, stripe);
  out.set(q);
  addProducts(out, row);
  const yx = (((y - x) % 255) + 255) % 255;
  const divisor = LOG[EXP[yx]! ^ 1]!;
  scale(sumP, (yx + 255 - divisor) % 255);
  scale(out, (255 - (x % 255) + 255 - divisor) % 255);
  addInto(out, sumP);
}

/** Adds g^i D_i of each stripe that is there. */
function addProducts(out: Uint8Array, row: Row): void {
  row.data.forEach((stripe, index) => {
    if (stripe === undefined) return;
    const power = index % 255;
    for (let i = 0; i < out.length; i += 1) {
      const value = stripe[i]!;
      if (value !== 0) out[i]! ^= EXP[LOG[value]! + power]!;
    }
  });
}

/** Multiplies by g^power. */
function scale(out: Uint8Array, power: number): void {
  for (let i = 0; i < out.length; i += 1) {
    const value = out[i]!;
    if (value !== 0) out[i] = EXP[LOG[value]! + power]!;
  }
}

function addInto(out: Uint8Array, stripe: Uint8Array): void {
  for (let i = 0; i < out.length; i += 1) out[i]! ^= stripe[i]!;
}
