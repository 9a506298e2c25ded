import type { WebContents } from 'electron';

/** Each level is a fifth more: from 58 % to 430 %. */
const [LEAST, MOST] = [-3, 8] as const;

/** As in a browser: Ctrl with +, - and 0, or the wheel. Without a menu Electron has no keys for it. */
export function letZoom(contents: WebContents): void {
  const zoom = (by: number): void => {
    const level = by === 0 ? 0 : contents.getZoomLevel() + by;
    contents.setZoomLevel(Math.min(MOST, Math.max(LEAST, level)));
  };
  contents.on('before-input-event', (event, { type, key, control, alt, meta }) => {
    const by = type === 'keyDown' && control && !alt && !meta ? STEPS[key] : undefined;
    if (by === undefined) return;
    event.preventDefault();
    zoom(by);
  });
  contents.on('zoom-changed', (_event, direction) => zoom(direction === 'in' ? 1 : -1));
}

const STEPS: Readonly<Record<string, number>> = { '+': 1, '=': 1, '-': -1, _: -1, '0': 0 };
