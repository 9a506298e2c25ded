import type { Page } from '@playwright/test';

/**
 * What is wrong with how a page lies in its window: wider than it, a control or its words cut off
 * or beyond the edge, two controls over each other, lines of text longer than a person reads well.
 */
export function readFaults(page: Page): Promise<string[]> {
  return page.evaluate(FITS);
}

/** Characters a line, as text is set: two languages and one font, so that 90 is not exact. */
const MOST_IN_LINE = 96;

/** Runs in the page. */
const FITS = `(() => {
  const faults = [];
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('.visually-hidden, .skip, [aria-hidden=true]');
  const words = (one) => (one.getAttribute('aria-label') ?? one.textContent).trim().replace(/\\s+/g, ' ').slice(0, 50);
  // What scrolls to the side on purpose: lists, logs, lines of code.
  const scrollsAside = (one) => {
    for (let box = one; box && box !== document.body; box = box.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(box).overflowX) && box.matches('[role=grid], pre, code, ol, [role=region][aria-label] pre')) return true;
    }
    return false;
  };
  if (document.documentElement.scrollWidth > innerWidth) faults.push('wider than the window');
  for (const one of document.querySelectorAll('main, main *, [role=dialog], [role=dialog] *'))
    if (one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(one).overflowX) && !one.matches('pre, code, textarea, input, ol') && one.clientWidth > 0)
      faults.push('scrolls to the side: ' + one.tagName + ' ' + one.className + ' ' + one.scrollWidth + ' in ' + one.clientWidth);
  const controls = [...document.querySelectorAll(':is(main, [role=dialog]) :is(button, a, input, textarea), nav a')].filter((one) => shown(one) && !scrollsAside(one) && one.getBoundingClientRect().width > 4);
  for (const one of controls) {
    const { left, right } = one.getBoundingClientRect();
    if (left < -1 || right > innerWidth + 1) faults.push('beyond the edge: ' + words(one));
    const name = one.querySelector('bdi');
    if (!one.matches('input, textarea') && one.scrollWidth > one.clientWidth + 1 && !name && getComputedStyle(one).overflowX !== 'visible') faults.push('cut off: ' + words(one));
    for (const inner of one.querySelectorAll('*'))
      if (/hidden|clip/.test(getComputedStyle(inner).overflowX) && inner.scrollWidth > inner.clientWidth + 1 && !inner.querySelector('bdi') && !inner.closest('bdi, [title]')) faults.push('cut off: ' + words(one));
  }
  // What has been scrolled out of its list, wholly or in part, is not seen there.
  const seenOf = (one) => {
    let { left, top, right, bottom } = one.getBoundingClientRect();
    for (let box = one.parentElement; box && box !== document.body; box = box.parentElement) {
      if (!/auto|scroll|hidden/.test(getComputedStyle(box).overflowY)) continue;
      const edge = box.getBoundingClientRect();
      [left, top, right, bottom] = [Math.max(left, edge.left), Math.max(top, edge.top), Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
    }
    return { left, top, right, bottom, width: right - left, height: bottom - top };
  };
  const boxes = controls.filter((one) => one.type !== 'radio' && one.type !== 'checkbox').map((one) => [one, seenOf(one)]);
  for (const [i, [one, a]] of boxes.entries())
    for (const [other, b] of boxes.slice(i + 1)) {
      // A field and what stands in it, as the button that shows a passphrase.
      if (one.closest('.mantine-Input-wrapper')?.contains(other)) continue;
      if (one.contains(other) || other.contains(one) || one.closest('main') !== other.closest('main')) continue;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      const isSeen = (part, box) => part.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
      if (across > 2 && down > 2 && one.parentElement !== other.parentElement?.parentElement && isSeen(one, a) && isSeen(other, b)) faults.push('over each other: ' + words(one) + ' and ' + words(other));
    }
  for (const one of document.querySelectorAll('main p, main li, main dd, [role=dialog] p')) {
    if (!shown(one) || one.querySelector('p, li, input, svg') || one.closest('pre, code, [role=grid]')) continue;
    if (/\\S{60}/.test(one.textContent)) continue;
    const range = document.createRange();
    range.selectNodeContents(one);
    const tops = new Set([...range.getClientRects()].map(({ top }) => Math.round(top / 6)));
    const inLine = one.textContent.trim().length / Math.max(1, tops.size);
    if (inLine > ${MOST_IN_LINE} && one.getBoundingClientRect().width > 620) faults.push('a line of ' + Math.round(inLine) + ' characters: ' + words(one));
  }
  return [...new Set(faults)];
})()`;
