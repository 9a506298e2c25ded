/**
 * On which line a value of a TOML document stands, for error messages: smol-toml tells that of
 * syntax errors only. Of what lies in an inline table or array the line where that begins.
 */
export function tomlLines(text: string): (path: readonly (string | number)[]) => number {
  const lines = linesOf(text);
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const line = lines.get(keyText(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  };
}

function linesOf(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let table: (string | number)[] = [];
  let depth = 0;
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const header = depth === 0 ? /^\[(\[?)([^\][]+)\]?\]/.exec(line) : null;
    if (header) {
      table = resolved(keysOf(header[2]!), header[1] === '[', counts);
      lines.set(keyText(table), i + 1);
      continue;
    }
    const equals = depth === 0 ? equalsIn(line) : -1;
    if (equals > 0) {
      const keys = keysOf(line.slice(0, equals));
      for (let length = 1; length <= keys.length; length += 1) {
        const key = keyText([...table, ...keys.slice(0, length)]);
        if (!lines.has(key)) lines.set(key, i + 1);
      }
    }
    depth = Math.max(
      0,
      depth + opened(equals > 0 ? line.slice(equals + 1) : depth > 0 ? line : ''),
    );
  }
  return lines;
}

/** The place of a header: below an array of tables it belongs to the last one. */
function resolved(
  keys: readonly string[],
  isArray: boolean,
  counts: Map<string, number>,
): (string | number)[] {
  const path: (string | number)[] = [];
  for (const [i, key] of keys.entries()) {
    path.push(key);
    const count = counts.get(keyText(path)) ?? 0;
    const isNew = isArray && i === keys.length - 1;
    if (isNew) counts.set(keyText(path), count + 1);
    if (isNew) path.push(count);
    else if (count > 0) path.push(count - 1);
  }
  return path;
}

function keysOf(dotted: string): string[] {
  const found = dotted.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+)/g);
  return [...found].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
}

/** Where the first = outside of quotes is. */
function equalsIn(line: string): number {
  const found = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'=#])*=/.exec(line);
  return found ? found[0].length - 1 : -1;
}

/** How many brackets a value opens more than it closes; those in strings do not count. */
function opened(value: string): number {
  const bare = value.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '').replace(/#.*$/, '');
  return (bare.match(/[[{]/g)?.length ?? 0) - (bare.match(/[\]}]/g)?.length ?? 0);
}

function keyText(path: readonly (string | number)[]): string {
  return path.map(String).join('\0');
}
