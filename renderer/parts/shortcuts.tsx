import { Kbd, Switch } from '@mantine/core';
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useState,
  type ReactElement,
  type ReactNode,
} from 'react';
import { useLocation } from 'wouter';
import { useBackup } from '../pages/backup/backup-dialog.tsx';
import { Dialog } from './dialog.tsx';
import { t } from '../text/index.ts';
import { places } from './shell.tsx';
import styles from './shortcuts.module.css';

const pageAddresses = [...places.map(({ to }) => to), '/settings'];

interface Shortcuts {
  /** Opens the list. */
  readonly show: () => void;
}

const ShortcutsContext = createContext<Shortcuts>({ show: () => undefined });

export function useShortcuts(): Shortcuts {
  return useContext(ShortcutsContext);
}

/** A key alone may get in the way of speech input: WCAG 2.1.4 wants it to be switched off. */
const STORED = 'dendro-question-key';

/** Shortcuts of every page, and the dialog that lists them. */
export function ShortcutsProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [open, setOpen] = useState(false);
  const [isOn, setOn] = useState(() => localStorage.getItem(STORED) !== 'off');
  const [, navigate] = useLocation();
  const backup = useBackup();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const action = actionOf(event, isOn);
      if (!action) return;
      event.preventDefault();
      if (action === 'help') setOpen(true);
      else if (action === 'back-up') backup.open();
      else navigate(action.to);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [isOn, navigate, backup]);
  const shortcuts = useMemo(() => ({ show: () => setOpen(true) }), []);
  const switchKey = (on: boolean): void => {
    setOn(on);
    localStorage.setItem(STORED, on ? 'on' : 'off');
  };
  return (
    <ShortcutsContext.Provider value={shortcuts}>
      {children}
      <Dialog opened={open} onClose={() => setOpen(false)} title={t('shortcuts.title')} size={560}>
        <dl className={styles.keys}>
          {rows().map(({ keys, words }) => (
            <div key={words}>
              <dt>
                {keys.map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        <Switch
          label={t('shortcuts.onOff')}
          checked={isOn}
          onChange={(event) => switchKey(event.currentTarget.checked)}
        />
      </Dialog>
    </ShortcutsContext.Provider>
  );
}

type Action = 'help' | 'back-up' | { readonly to: string };

function actionOf(event: KeyboardEvent, isOn: boolean): Action | undefined {
  const { key, altKey, ctrlKey, metaKey } = event;
  if (key === 'F1') return 'help';
  if (altKey && !ctrlKey && !metaKey) {
    if (key.toLowerCase() === 'b') return 'back-up';
    const to = /^[1-9]$/.test(key) ? pageAddresses[Number(key) - 1] : undefined;
    return to === undefined ? undefined : { to };
  }
  if (key === '?' && isOn && !ctrlKey && !metaKey && !isTyping(event.target)) return 'help';
  return undefined;
}

/** Where a question mark is text, or jumps to a row that begins with it. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [role=grid]');
}

function rows(): { readonly keys: readonly string[]; readonly words: string }[] {
  const [page, home, end, enter] = [
    t('shortcuts.keys.page'),
    t('shortcuts.keys.home'),
    t('shortcuts.keys.end'),
    t('shortcuts.keys.enter'),
  ];
  return [
    { keys: ['Alt', `1 … ${pageAddresses.length}`], words: t('shortcuts.toPage') },
    { keys: ['Alt', 'B'], words: t('shortcuts.backUp') },
    { keys: ['?', 'F1'], words: t('shortcuts.help') },
    {
      keys: ['↑ ↓', page, home, end, enter, '⌫', 'a … z'],
      words: t('shortcuts.inList'),
    },
    { keys: ['← →', page, home, end], words: t('shortcuts.inSample') },
    { keys: ['Esc'], words: t('shortcuts.close') },
  ];
}
