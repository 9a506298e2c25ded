/**
 * Memory that O_DIRECT accepts. A WebAssembly memory is page aligned; each one reserves
 * gigabytes of address space, so a thread keeps few and carves them up, first fit.
 */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

const PAGE = 4096;
const ARENA_BYTES = 64 * 1024 * 1024;
const WASM_PAGE = 65536;

interface Span {
  start: number;
  end: number;
}
interface Arena {
  readonly buffer: ArrayBuffer;
  /** Free spans in ascending order, never touching. */
  free: Span[];
}

const arenas: Arena[] = [];
const buffers = new WeakSet<ArrayBufferLike>();

/** Page-aligned bytes of any length above 0. Hand them back with `releaseAligned`. */
export function allocateAligned(lengthBytes: number): Uint8Array<ArrayBuffer> {
  const size = Math.ceil(lengthBytes / PAGE) * PAGE;
  for (const arena of arenas) {
    const start = take(arena, size);
    if (start >= 0) return new Uint8Array(arena.buffer, start, lengthBytes);
  }
  const arena = newArena(Math.max(size, ARENA_BYTES));
  return new Uint8Array(arena.buffer, take(arena, size), lengthBytes);
}

/** Gives memory back; the caller must not touch it again. */
export function releaseAligned(memory: Uint8Array): void {
  const arena = arenas.find(({ buffer }) => buffer === memory.buffer);
  if (arena === undefined) return;
  const start = memory.byteOffset;
  const end = start + Math.ceil(memory.byteLength / PAGE) * PAGE;
  arena.free.push({ start, end });
  arena.free.sort((a, b) => a.start - b.start);
  arena.free = arena.free.reduce<Span[]>((merged, span) => {
    const last = merged.at(-1);
    if (last !== undefined && last.end >= span.start) last.end = Math.max(last.end, span.end);
    else merged.push(span);
    return merged;
  }, []);
}

/** Whether O_DIRECT may read straight to this place. */
export function isAligned(target: Uint8Array, offset: number): boolean {
  return buffers.has(target.buffer) && (target.byteOffset + offset) % PAGE === 0;
}

function newArena(size: number): Arena {
  const pages = Math.ceil(size / WASM_PAGE);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const arena: Arena = {
    buffer,
    free: [{ start: 0, end: pages * WASM_PAGE }],
  };
  arenas.push(arena);
  buffers.add(buffer);
  return arena;
}

function take(arena: Arena, size: number): number {
  const index = arena.free.findIndex(({ start, end }) => end - start >= size);
  if (index < 0) return -1;
  const span = arena.free[index]!;
  const start = span.start;
  span.start += size;
  if (span.start === span.end) arena.free.splice(index, 1);
  return start;
}
