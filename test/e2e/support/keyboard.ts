import { expect, type Page } from '@playwright/test';

/** More stops than any page has: whoever has not come round by then is in a trap. */
const MOST_STOPS = 160;

export interface Walk {
  /** What Tab came by, in its order: 'button Back up now'. */
  readonly stops: readonly string[];
  readonly faults: readonly string[];
}

/**
 * Goes round a page, or what is open over it, with Tab and back with Shift+Tab. Faults are: a
 * control that is not come by, one whose focus cannot be seen or lies under something, a jump back
 * up the page, a round that never ends, and another way back.
 */
export async function walk(page: Page): Promise<Walk> {
  await page.evaluate(PREPARE);
  const there = await round(page, 'Tab');
  const faults = there.flatMap((stop) => stop.faults.map((fault) => `${stop.name}: ${fault}`));
  if (there.length >= MOST_STOPS) faults.push(`no way round: ${there.at(-1)?.name ?? ''}`);
  faults.push(...(await page.evaluate<string[]>('keyboardWalk.missed()')));
  const back = await round(page, 'Shift+Tab');
  const [ways, ahead] = [back, there].map((stops) => stops.map(({ name }) => name));
  if (ways!.toReversed().join('\n') !== ahead!.join('\n'))
    faults.push(
      `another way back: ${ways!.toReversed().join(' < ')}; there: ${ahead!.join(' > ')}`,
    );
  return { stops: ahead!, faults };
}

interface Stop {
  readonly name: string;
  readonly faults: readonly string[];
}

/** Ends at the start of the page, or, where the focus is kept inside a dialog, at its first stop. */
async function round(page: Page, key: 'Tab' | 'Shift+Tab'): Promise<Stop[]> {
  await page.evaluate('keyboardWalk.start()');
  const stops: Stop[] = [];
  let outside = 0;
  while (stops.length < MOST_STOPS) {
    await page.keyboard.press(key);
    const stop = await page.evaluate<Stop | null>('keyboardWalk.look()');
    // Backwards, the first step may go to the window's own frame.
    if (stop === null && stops.length === 0 && key === 'Shift+Tab' && ++outside < 3) continue;
    if (stop === null) break;
    stops.push(stop);
  }
  return stops;
}

/** Opens what a control opens, from the keyboard, and gives it back: the dialog is walked, too. */
export async function walkDialog(page: Page, opener: string): Promise<readonly string[]> {
  await page.evaluate(PREPARE);
  await page.evaluate(`keyboardWalk.to(${JSON.stringify(opener)})`);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog, opener).toBeVisible();
  // What comes while it is gone through would be passed by.
  await expect(dialog.locator('.mantine-Skeleton-root'), opener).toHaveCount(0);
  await expect.poll(() => page.evaluate<boolean>('keyboardWalk.isInDialog()'), opener).toBe(true);
  const { faults } = await walk(page);
  await page.keyboard.press('Escape');
  await expect(dialog, opener).toBeHidden();
  await expect.poll(() => page.evaluate<string>('keyboardWalk.name()'), opener).toBe(opener);
  return faults.map((fault) => `${opener} > ${fault}`);
}

/**
 * What the arrows do where one stop stands for many: the next tab or choice is reached and left
 * again, a list and a slider move by one, to their ends and back, a field's choices open and close.
 */
export async function walkInside(page: Page, stops: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(PREPARE);
  const faults: string[] = [];
  for (const stop of stops) {
    const kind = stop.split(' ')[0]!;
    const press = async (key: string): Promise<string> => {
      await page.keyboard.press(key);
      return page.evaluate<string>('keyboardWalk.state()');
    };
    if (!['radio', 'tab', 'grid', 'slider', 'combobox'].includes(kind)) continue;
    await page.evaluate(`keyboardWalk.to(${JSON.stringify(stop)})`);
    const before = await page.evaluate<string>('keyboardWalk.state()');
    if (kind === 'combobox') {
      const opened = await press('ArrowDown');
      if (!opened.includes('expanded')) faults.push(`${stop}: ArrowDown does not open it`);
      await expect(page.getByRole('listbox').first(), stop).toBeVisible();
      const closed = await press('Escape');
      if (closed !== before) faults.push(`${stop}: Escape left ${closed}, not ${before}`);
      continue;
    }
    const [on, back] = kind === 'grid' ? ['ArrowDown', 'ArrowUp'] : ['ArrowLeft', 'ArrowRight'];
    const first = kind === 'grid' || kind === 'slider' ? await press('Home') : before;
    const last = kind === 'grid' || kind === 'slider' ? await press('End') : await press(on);
    if (last === first) faults.push(`${stop}: nothing but ${first}`);
    if ((await press(kind === 'slider' ? 'Home' : back)) !== first && kind !== 'grid')
      faults.push(`${stop}: no way back to ${first}`);
    if (kind === 'grid' && (await press('Home')) !== first)
      faults.push(`${stop}: Home is not first`);
  }
  return faults;
}

/** Runs in the page. */
const PREPARE = `window.keyboardWalk = (() => {
  const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex="0"], [role=button], [role=tab], [role=slider], [role=switch], [role=grid], [role=combobox], [contenteditable=true]';
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('[inert], [aria-hidden=true]');
  const nameOf = (element) => {
    const kind = element.getAttribute('role') ?? (element.type === 'radio' || element.type === 'checkbox' ? element.type : element.tagName.toLowerCase());
    const labelled = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
    const label = element.labels?.[0]?.textContent ?? '';
    const words = element.getAttribute('aria-label') || labelled || label || (element.matches('main, [role=region]') ? '' : element.textContent) || element.title;
    return (kind + ' ' + words.trim().replace(/\\s+/g, ' ').slice(0, 60)).trim();
  };
  // Within these one stop stands for all: the arrows go on from there.
  const groupOf = (element) =>
    element.type === 'radio' ? 'radio ' + element.name
    : element.closest('[role=tablist]') && element.matches('[role=tab]') ? element.closest('[role=tablist]')
    : element.closest('[role=row]') && element.matches('[tabindex="-1"]') ? element.closest('[role=grid]')
    // A grid that has no focus of its own is come by in one of its controls.
    : element.closest('[role=grid]:not([tabindex])') ?? element;
  const scope = () => [...document.querySelectorAll('[role=dialog]')].filter(shown).at(-1) ?? document.body;
  const seen = new Set();
  let previous = null, isForward = true, first = null;
  const marks = (element) => [element, ...(element.labels ?? []), element.nextElementSibling, element.parentElement, element.closest('[data-focus-ring]'), element.querySelector('[data-current]')].filter(Boolean);
  const isRowRing = (element) => element.matches('[role=row]') && getComputedStyle(element).boxShadow.includes('inset');
  const isRinged = (element) => {
    const style = getComputedStyle(element);
    if (isRowRing(element)) return true;
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1.5 && !/, 0\\)$|transparent/.test(style.outlineColor);
  };
  // The part of the ring that no box with its own edges cuts away, of its four sides.
  const sidesShown = (element) => {
    const style = getComputedStyle(element);
    const out = isRowRing(element) ? 0 : parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
    const box = element.getBoundingClientRect();
    const ring = { left: box.left - out, top: box.top - out, right: box.right + out, bottom: box.bottom + out };
    const sides = { left: ring.left >= -0.5, top: ring.top >= -0.5, right: ring.right <= innerWidth + 0.5, bottom: ring.bottom <= innerHeight + 0.5 };
    for (let edge = element.parentElement; edge && edge !== document.body; edge = edge.parentElement) {
      const { overflowX, overflowY, position } = getComputedStyle(edge);
      const frame = edge.getBoundingClientRect();
      if (overflowX !== 'visible') { sides.left &&= ring.left >= frame.left - 0.5; sides.right &&= ring.right <= frame.right + 0.5; }
      // What is higher than what shows it is looked at in parts.
      if (overflowY !== 'visible' && box.height < frame.height) { sides.top &&= ring.top >= frame.top - 0.5; sides.bottom &&= ring.bottom <= frame.bottom + 0.5; }
      if (position === 'fixed') break;
    }
    return Object.keys(sides).filter((side) => !sides[side]);
  };
  const obscured = (element) => {
    const box = (element.labels?.[0] && element.getBoundingClientRect().width < 4 ? element.labels[0] : element).getBoundingClientRect();
    // Of what is longer than the frame that it scrolls in, the part that is shown.
    for (let edge = element.parentElement; edge; edge = edge.parentElement) {
      if (getComputedStyle(edge).overflowY === 'visible') continue;
      const frame = edge.getBoundingClientRect();
      box.height = Math.min(box.bottom, frame.bottom) - Math.max(box.top, frame.top);
      box.y = Math.max(box.top, frame.top);
    }
    const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]].map(([x, y]) => [box.left + x * box.width, box.top + y * box.height]);
    // Icons and the arrows of a number lie inside of a field's frame.
    const whole = element.matches('input') ? element.parentElement : element;
    const isOwn = (hit) => hit && (whole.contains(hit) || hit.contains(element) || [...(element.labels ?? [])].some((label) => label.contains(hit)));
    return points.filter(([x, y]) => !isOwn(document.elementFromPoint(x, y))).length;
  };
  const faultsOf = (element) => {
    const faults = [];
    const ringed = marks(element).filter(isRinged);
    // The small calendar of a date has a ring of the browser's own; the field does not match then.
    if (ringed.length === 0 && element.matches(':focus')) faults.push('no visible focus');
    else if (ringed.length > 0) {
      const cut = Math.min(...ringed.map((one) => sidesShown(one).length));
      if (cut > 1) faults.push('the ring is cut off: ' + sidesShown(ringed[0]).join(' '));
    }
    if (obscured(element) > 1) faults.push('under something, or beyond the edge');
    if (element.tabIndex > 0) faults.push('tabindex ' + element.tabIndex);
    if (previous && isForward && previous.isConnected && !previous.closest('.skip') && previous.closest('nav, main') === element.closest('nav, main')) {
      const [was, is] = [previous, element].map((one) => one.getBoundingClientRect());
      if (is.bottom <= was.top && is.left < was.right - 8 && element !== scope().querySelector(CONTROLS)) faults.push('back up from ' + nameOf(previous));
    }
    return faults;
  };
  return {
    start() {
      isForward = seen.size === 0; first = null; previous = null;
      if (scope() === document.body) { document.activeElement?.blur(); getSelection().removeAllRanges(); document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); }
    },
    look() {
      const element = document.activeElement;
      if (!element || element === document.body || element === first) return null;
      first ??= element;
      const faults = isForward ? faultsOf(element) : [];
      seen.add(groupOf(element));
      previous = element;
      return { name: nameOf(element), faults };
    },
    missed() {
      const controls = [...scope().querySelectorAll(CONTROLS)].filter((one) => shown(one) && !one.disabled && !one.closest('[data-disabled=true]') && one.type !== 'hidden' && (one.getBoundingClientRect().width > 0));
      const missed = controls.filter((one) => !seen.has(groupOf(one)));
      const pointed = [...scope().querySelectorAll('*')].filter((one) => shown(one) && getComputedStyle(one).cursor === 'pointer' && getComputedStyle(one.parentElement).cursor !== 'pointer');
      const mouseOnly = pointed.filter((one) => !one.closest('label') && !one.querySelector('label') && !one.closest(CONTROLS) && !one.querySelector(CONTROLS));
      return [...missed.map((one) => 'not come by: ' + nameOf(one)), ...mouseOnly.map((one) => 'for the mouse alone: ' + nameOf(one))];
    },
    to(name) {
      const found = [...document.querySelectorAll(CONTROLS)].find((one) => shown(one) && nameOf(one) === name);
      if (!found) throw new Error('not here: ' + name);
      found.focus();
    },
    async state() {
      const element = document.activeElement;
      const isDrawn = () => { const id = element.getAttribute('aria-activedescendant'); return !id || document.getElementById(id) !== null; };
      // A long list draws the row that it goes to a frame or more after the key.
      for (let frames = 0; frames < 2 || (frames < 120 && !isDrawn()); frames += 1) await new Promise(requestAnimationFrame);
      const row = document.getElementById(element.getAttribute('aria-activedescendant'))?.getAttribute('aria-rowindex') ?? '';
      const isOpen = element.getAttribute('aria-expanded') === 'true' ? 'expanded' : '';
      return [nameOf(element), row, element.getAttribute('aria-valuenow') ?? '', isOpen].join(' ').trim();
    },
    isInDialog: () => scope() !== document.body && scope().contains(document.activeElement),
    name: () => nameOf(document.activeElement),
  };
})();`;
