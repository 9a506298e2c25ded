import { beginsWith, newTypedText } from './typed-text.ts';

const ROWS = '[role=row]';
const CONTROLS = 'button:not(:disabled), input:not(:disabled), a[href]';

/**
 * Makes all controls of a grid one stop for Tab, as long as the grid is on the page: of 300 rows
 * nobody tabs through 900 buttons. Up and down go to the next row, left and right to the next
 * control of a row, letters to the row that has such a name. Returns what ends that.
 */
export function oneStop(grid: HTMLElement): () => void {
  const typed = newTypedText();
  let current: HTMLElement | undefined;
  const rows = (): HTMLElement[] => [...grid.querySelectorAll<HTMLElement>(ROWS)];
  const settle = (): void => {
    const all = controlsIn(grid);
    if (!current || !all.includes(current)) {
      const row = current?.isConnected === true && current.closest<HTMLElement>(ROWS);
      current = (row ? controlsIn(row)[0] : undefined) ?? all[0];
    }
    for (const one of all) one.tabIndex = one === current ? 0 : -1;
  };
  const goTo = (row: HTMLElement | undefined, fromEnd: number): void => {
    if (!row) return;
    // The last ones stand below each other; what a row has beside them stands before.
    const controls = controlsIn(row);
    const control = controls[Math.max(0, controls.length - fromEnd)];
    row.scrollIntoView({ block: 'nearest' });
    control?.focus({ preventScroll: true });
  };
  const onFocus = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement) || !target.matches(CONTROLS)) return;
    current = target;
    settle();
  };
  const onKey = (event: KeyboardEvent): void => {
    const { target, key } = event;
    if (!(target instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = target.closest<HTMLElement>(ROWS);
    if (!row) return;
    const [all, controls] = [rows(), controlsIn(row)];
    const at = all.indexOf(row);
    const fromEnd = controls.length - controls.indexOf(target);
    const to: Record<string, HTMLElement | undefined> = {
      ArrowDown: all[at + 1],
      ArrowUp: all[at - 1],
      PageDown: all[Math.min(all.length - 1, at + PAGE_ROWS)],
      PageUp: all[Math.max(0, at - PAGE_ROWS)],
      Home: all[0],
      End: all.at(-1),
    };
    const aside: Record<string, number> = { ArrowLeft: 1, ArrowRight: -1 };
    if (key in to) goTo(to[key], fromEnd);
    else if (key in aside) goTo(row, Math.min(controls.length, Math.max(1, fromEnd + aside[key]!)));
    else if (key.length === 1 && key !== ' ') {
      const start = typed(key);
      const from = start.length > 1 ? at : at + 1;
      const turned = [...all.slice(from), ...all.slice(0, from)];
      goTo(
        turned.find((one) => beginsWith(one.getAttribute('aria-label') ?? '', start)),
        fromEnd,
      );
    } else return;
    event.preventDefault();
  };
  const observer = new MutationObserver(settle);
  observer.observe(grid, {
    ...{ subtree: true, childList: true },
    ...{ attributes: true, attributeFilter: ['disabled'] },
  });
  grid.addEventListener('focusin', onFocus);
  grid.addEventListener('keydown', onKey);
  settle();
  return () => {
    observer.disconnect();
    grid.removeEventListener('focusin', onFocus);
    grid.removeEventListener('keydown', onKey);
  };
}

/** As many as a window shows, about: they are of different heights. */
const PAGE_ROWS = 5;

function controlsIn(element: HTMLElement): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(CONTROLS)];
}
