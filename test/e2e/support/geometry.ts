import type { Page } from '@playwright/test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../geometry');
/** One step of the page's grid: what a redrawn scroll bar or another Chromium may differ by. */
const TOLERANCE_PX = 8;
/** Above it an element of a page is what a person aims at or reads by; below are rows of lists. */
const MOST_ELEMENTS = 120;

export interface Look {
  /** 'button Back up now' with its box: left, top, width, height in pixels. */
  readonly boxes: readonly Box[];
  /** Every colour of text and of a background that is in use. */
  readonly colours: readonly string[];
}
type Box = readonly [name: string, left: number, top: number, width: number, height: number];

/**
 * How a page is laid out: landmarks, headings, controls, rows, with their places, and the colours
 * in use. The fonts are the page's own, so that this is the same wherever it is looked at, which
 * pixels are not.
 */
export function readLook(page: Page): Promise<Look> {
  return page.evaluate(`(${READ})(${MOST_ELEMENTS})`);
}

const READ = `(most) => {
  const NAMED = 'h1, h2, h3, nav, main, header, aside, article, section, dialog, table, button, a, input, textarea, label, svg[role], canvas, [role]:not([role=presentation]):not([role=none])';
  const boxes = [], colours = new Set();
  for (const element of document.body.querySelectorAll('*')) {
    const { left, top, width, height } = element.getBoundingClientRect();
    if (width < 2 || height < 2 || !element.checkVisibility({ opacityProperty: true })) continue;
    if (top >= innerHeight || left >= innerWidth || top + height <= 0 || left + width <= 0) continue;
    const style = getComputedStyle(element);
    if ([...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) colours.add(style.color);
    if (style.backgroundColor !== 'rgba(0, 0, 0, 0)') colours.add('on ' + style.backgroundColor);
    if (!element.matches(NAMED) || boxes.length >= most) continue;
    const kind = element.getAttribute('role') ?? element.tagName.toLowerCase();
    const words = element.getAttribute('aria-label') ?? (/^(h\\d|button|a|label)$/.test(kind) ? element.textContent : '');
    // What a clock or a zone makes of a number is no matter of looks.
    const name = (kind + ' ' + words.trim().replace(/\\s+/g, ' ').replace(/\\d+/g, '0').slice(0, 40)).trim();
    boxes.push([name, left, top, width, height].map((value) => typeof value === 'number' ? Math.round(value) : value));
  }
  return { boxes, colours: [...colours].sort() };
}`;

export function recordLook(name: string, look: Look): void {
  mkdirSync(FOLDER, { recursive: true });
  const boxes = look.boxes.map((box) => JSON.stringify(box)).join(',\n    ');
  const colours = look.colours.map((colour) => JSON.stringify(colour)).join(',\n    ');
  const text = `{\n  "boxes": [\n    ${boxes}\n  ],\n  "colours": [\n    ${colours}\n  ]\n}\n`;
  writeFileSync(pathOf(name), text);
}

/** What is not as it was recorded, a line each; empty when all is. */
export function lookDifferences(name: string, now: Look): string[] {
  if (!existsSync(pathOf(name))) return [`${name} was never recorded: npm run looks:record`];
  const before = JSON.parse(readFileSync(pathOf(name), 'utf8')) as Look;
  return [...boxDifferences(before.boxes, now.boxes), ...colourDifferences(before, now)];
}

function boxDifferences(before: readonly Box[], now: readonly Box[]): string[] {
  const [old, seen] = [before.map(([name]) => name), now.map(([name]) => name)];
  if (old.join('\n') !== seen.join('\n')) {
    const gone = old.filter((name) => !seen.includes(name)).map((name) => `gone: ${name}`);
    const come = seen.filter((name) => !old.includes(name)).map((name) => `new: ${name}`);
    const all = [...gone, ...come];
    return all.length > 0 ? all : [`other order or number: ${old.length}, now ${seen.length}`];
  }
  return before.flatMap(([name, ...was], i) => {
    const [, ...is] = now[i]!;
    const isSame = was.every((value, side) => Math.abs(value - is[side]!) <= TOLERANCE_PX);
    return isSame ? [] : [`${name}: ${was.join(',')} is now ${is.join(',')}`];
  });
}

function colourDifferences(before: Look, now: Look): string[] {
  return [
    ...before.colours.filter((one) => !now.colours.includes(one)).map((one) => `no more: ${one}`),
    ...now.colours.filter((one) => !before.colours.includes(one)).map((one) => `new: ${one}`),
  ];
}

function pathOf(name: string): string {
  return join(FOLDER, `${name}.json`);
}
