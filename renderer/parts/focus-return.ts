import { useLayoutEffect } from 'react';

/**
 * While open, remembers where the focus came from, and gives it back when that ends with the focus
 * inside. When what it came from is gone, it goes to the page's list, or to its heading.
 */
export function useFocusReturn(isOpen: boolean, isModal: boolean): void {
  // Cleaned up before the element leaves the page: what is focused in it is not lost yet.
  useLayoutEffect(() => {
    if (!isOpen) return;
    const opener = document.activeElement;
    return () => {
      const active = document.activeElement;
      const isInside = Boolean(active?.closest('[role=dialog], aside'));
      // A dialog lets no focus out: where nothing has it any more, it was in there.
      if (isInside || (isModal && active === document.body))
        placeAfter(opener)?.focus({ preventScroll: true });
    };
  }, [isOpen, isModal]);
}

function placeAfter(opener: Element | null): HTMLElement | null {
  if (opener instanceof HTMLElement && opener !== document.body && opener.isConnected)
    return opener;
  return (
    document.querySelector<HTMLElement>('main [role=grid]') ??
    document.querySelector<HTMLElement>('main h1')
  );
}
