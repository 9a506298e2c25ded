/** A line of a difference, with its number on each side, from 1; 0 where it is not there. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
  readonly before: number;
  readonly after: number;
}

export interface TextDiff {
  readonly lines: readonly DiffLine[];
  readonly removed: number;
  readonly added: number;
}

/** More differing lines than this are shown as one block out and one block in. */
const MOST_EDITS = 2_000;

/**
 * What differs between two texts, line by line, with the fewest lines out and in
 * (E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986).
 */
export function diffText(before: string, after: string): TextDiff {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let [oldEnd, freshEnd] = [old.length, fresh.length];
  while (oldEnd > start && freshEnd > start && old[oldEnd - 1] === fresh[freshEnd - 1]) {
    oldEnd--;
    freshEnd--;
  }
  const middle = editsOf(old.slice(start, oldEnd), fresh.slice(start, freshEnd));
  const edits: Edit[] = [
    ...Array.from({ length: start }, () => 'same' as const),
    ...middle,
    ...Array.from({ length: old.length - oldEnd }, () => 'same' as const),
  ];
  return numbered(edits, old, fresh);
}

type Edit = DiffLine['kind'];

/** A text's last line end begins no further line. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function editsOf(old: readonly string[], fresh: readonly string[]): Edit[] {
  const trace = searched(old, fresh);
  if (trace === undefined) {
    return [...old.map(() => 'removed' as const), ...fresh.map(() => 'added' as const)];
  }
  return walkedBack(trace, old.length, fresh.length);
}

/**
 * After each number of edits, how far down the old text its diagonals get: row d holds the
 * diagonals -d, -d + 2, ..., d. Undefined when it takes too many edits.
 */
function searched(old: readonly string[], fresh: readonly string[]): Int32Array[] | undefined {
  const rows: Int32Array[] = [];
  for (let edits = 0; edits <= Math.min(MOST_EDITS, old.length + fresh.length); edits++) {
    const row = new Int32Array(edits + 1);
    rows.push(row);
    for (let i = 0; i <= edits; i++) {
      let x = edits === 0 ? 0 : reached(rows[edits - 1]!, i, edits);
      let y = x - (2 * i - edits);
      while (x < old.length && y < fresh.length && old[x] === fresh[y]) {
        x++;
        y++;
      }
      row[i] = x;
      if (x >= old.length && y >= fresh.length) return rows;
    }
  }
  return undefined;
}

function reached(row: Int32Array, i: number, edits: number): number {
  return cameDown(row, i, edits) ? row[i]! : row[i - 1]! + 1;
}

/** Whether a diagonal is reached best by a line in (down) rather than a line out (right). */
function cameDown(row: Int32Array, i: number, edits: number): boolean {
  return i === 0 || (i < edits && row[i - 1]! < row[i]!);
}

function walkedBack(rows: readonly Int32Array[], oldLength: number, freshLength: number): Edit[] {
  const backwards: Edit[] = [];
  let [x, y] = [oldLength, freshLength];
  for (let edits = rows.length - 1; edits > 0; edits--) {
    const row = rows[edits - 1]!;
    const i = (x - y + edits) / 2;
    const isDown = cameDown(row, i, edits);
    const fromX = isDown ? row[i]! : row[i - 1]!;
    const fromY = fromX - (x - y + (isDown ? 1 : -1));
    for (; x > fromX && y > fromY; x--, y--) backwards.push('same');
    backwards.push(isDown ? 'added' : 'removed');
    [x, y] = [fromX, fromY];
  }
  for (; x > 0; x--) backwards.push('same');
  return backwards.reverse();
}

function numbered(
  edits: readonly Edit[],
  old: readonly string[],
  fresh: readonly string[],
): TextDiff {
  let [before, after] = [0, 0];
  const lines = edits.map((kind): DiffLine => {
    if (kind !== 'added') before++;
    if (kind !== 'removed') after++;
    return {
      kind,
      text: kind === 'added' ? fresh[after - 1]! : old[before - 1]!,
      before: kind === 'added' ? 0 : before,
      after: kind === 'removed' ? 0 : after,
    };
  });
  const count = (kind: Edit): number => edits.filter((edit) => edit === kind).length;
  return { lines, removed: count('removed'), added: count('added') };
}

/** Lines that are the same are left out but for so many around each difference. */
const AROUND = 3;

/** The stretches of a difference worth reading, in order. */
export function hunksOf({ lines }: TextDiff): DiffLine[][] {
  const hunks: DiffLine[][] = [];
  let until = -1;
  lines.forEach(({ kind }, i) => {
    if (kind === 'same') return;
    const first = Math.max(0, i - AROUND);
    const last = Math.min(lines.length - 1, i + AROUND);
    const hunk = hunks.at(-1);
    if (hunk && first <= until + 1) hunk.push(...lines.slice(until + 1, last + 1));
    else hunks.push(lines.slice(first, last + 1));
    until = last;
  });
  return hunks;
}
