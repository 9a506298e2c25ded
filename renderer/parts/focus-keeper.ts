const CONTROLS =
  'a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex="0"]';

/**
 * Keeps the keyboard where it is when its control goes: a button that is off while it works has
 * the focus again after that, a row that was taken out hands it to what stood beside it, and a
 * list that gives way to another folder to the list of that one, as soon as it is there. Browsers
 * let it fall to the page's very start instead, and tell nobody. Returns what stops it.
 */
export function keepFocus(page: Document): () => void {
  let last: HTMLElement | null = null;
  /** Where the focus stands until the list that comes after a list is there. */
  let between: Element | null = null;
  const onFocusIn = ({ target }: FocusEvent): void => {
    last = target instanceof HTMLElement ? target : null;
    if (target !== between) between = null;
  };
  // A person leaves a control by pointer or Tab; what follows says where to. An event of the control
  // itself would come as well when it is hidden, or on its way out.
  const onLeave = (event: Event): void => {
    if (event instanceof KeyboardEvent && event.key !== 'Tab') return;
    last = between = null;
  };
  const goOnInList = (): void => {
    if (!between || (page.activeElement !== between && page.activeElement !== page.body)) return;
    const list = page.querySelector<HTMLElement>('[role=dialog] [role=grid], main [role=grid]');
    list?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver((changes) => {
    if (last && (page.activeElement === page.body || page.activeElement === null)) {
      const next = last.isConnected ? last : (besideGone(last, changes) ?? dialogOf(last, changes));
      if (!last.isConnected && last.matches('[role=grid]')) between = next ?? page.body;
      if (next?.matches(':disabled') === false) next.focus({ preventScroll: true });
    }
    // The next list may have come together with the going of the one before it.
    goOnInList();
  });
  page.addEventListener('focusin', onFocusIn);
  page.addEventListener('pointerdown', onLeave, true);
  page.addEventListener('keydown', onLeave, true);
  observer.observe(page.body, {
    ...{ subtree: true, childList: true },
    ...{ attributes: true, attributeFilter: ['disabled'] },
  });
  return () => {
    page.removeEventListener('focusin', onFocusIn);
    page.removeEventListener('pointerdown', onLeave, true);
    page.removeEventListener('keydown', onLeave, true);
    observer.disconnect();
  };
}

/** A dialog all of whose content gave way to another: in it the next step of Tab is the first. */
function dialogOf(gone: Node, changes: readonly MutationRecord[]): HTMLElement | undefined {
  const change = changes.find(({ removedNodes }) =>
    [...removedNodes].some((node) => node.contains(gone)),
  );
  const around = change?.target instanceof Element ? change.target : null;
  return around?.closest<HTMLElement>('[role=dialog]') ?? undefined;
}

/** The control after the part of the page that went, else the one before it, else one around it. */
function besideGone(gone: Node, changes: readonly MutationRecord[]): HTMLElement | undefined {
  const change = changes.find(({ removedNodes }) =>
    [...removedNodes].some((node) => node.contains(gone)),
  );
  let around = change?.target instanceof Element ? change.target : null;
  const after = firstControl(siblings(change?.nextSibling ?? null, 'nextSibling'));
  if (after) return after;
  const before = firstControl(siblings(change?.previousSibling ?? null, 'previousSibling'));
  if (before) return before;
  // A dialog or a page that went as a whole says itself where the focus goes.
  for (; around && around.matches('main *, [role=dialog] *'); around = around.parentElement) {
    const found = firstControl([around]);
    if (found) return found;
  }
  return undefined;
}

function siblings(from: Node | null, step: 'nextSibling' | 'previousSibling'): Element[] {
  const found: Element[] = [];
  for (let node = from; node; node = node[step]) if (node instanceof Element) found.push(node);
  return found;
}

function firstControl(among: readonly Element[]): HTMLElement | undefined {
  for (const element of among) {
    if (!element.closest('main, [role=dialog]')) continue;
    const own = element.matches(CONTROLS) ? [element] : element.querySelectorAll(CONTROLS);
    for (const one of own)
      if (one instanceof HTMLElement && one.tabIndex === 0 && one.checkVisibility()) return one;
  }
  return undefined;
}
