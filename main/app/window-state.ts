import type { BrowserWindow, Rectangle } from 'electron';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

export const SMALLEST = { width: 960, height: 600 } as const;
const FIRST = { width: 1280, height: 800 } as const;
const SAVE_AFTER_MS = 500;
/** So much of the window must lie on a screen to be found and moved. */
const VISIBLE = { width: 120, height: 60 } as const;

const Saved = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(SMALLEST.width).max(32_767),
  height: z.int().min(SMALLEST.height).max(32_767),
  isMaximized: z.boolean(),
});
type Saved = z.infer<typeof Saved>;

export interface WindowPlace {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly isMaximized: boolean;
}

/** Where the window was, if that is still on a screen; else in the middle, at its first size. */
export function savedPlace(file: string, screens: readonly Rectangle[]): WindowPlace {
  const saved = read(file);
  if (saved === undefined) return { ...FIRST, isMaximized: false };
  const { width, height, isMaximized } = saved;
  return screens.some((screen) => overlaps(saved, screen)) ? saved : { width, height, isMaximized };
}

/** Keeps the place of the window in a file, a moment after it was moved, and when it closes. */
export function keepPlace(window: BrowserWindow, file: string): void {
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    clearTimeout(timer);
    if (!window.isDestroyed()) write(file, window);
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  };
  window.on('resize', soon);
  window.on('move', soon);
  window.on('maximize', soon);
  window.on('unmaximize', soon);
  window.on('close', save);
}

function write(file: string, window: BrowserWindow): void {
  const { x, y, width, height } = window.getNormalBounds();
  const saved: Saved = { x, y, width, height, isMaximized: window.isMaximized() };
  try {
    writeFileSync(`${file}.new`, JSON.stringify(saved), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    // A full disk must not keep a window from closing.
  }
}

function read(file: string): Saved | undefined {
  try {
    return Saved.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function overlaps(a: Rectangle, b: Rectangle): boolean {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width >= VISIBLE.width && height >= VISIBLE.height;
}
