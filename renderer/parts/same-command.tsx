import { ActionIcon, Popover, Stack, Tooltip } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { t } from '../text/index.ts';
import { CopyLine } from './copy-line.tsx';
import styles from './same-command.module.css';

/** What one would type for what a page shows or does: one click away, on every page. */
export function SameCommand({ commands }: { readonly commands: readonly string[] }): ReactElement {
  return (
    <Popover
      position="bottom-end"
      width="min(440px, calc(100vw - 16px))"
      shadow="md"
      trapFocus
      returnFocus
    >
      {/* Each of the two puts attributes on what it is around: on the button only the popover's. */}
      <Tooltip label={t('action.sameCommand')}>
        <span className={styles.target}>
          <Popover.Target>
            <ActionIcon variant="subtle" size={34} aria-label={t('action.sameCommand')}>
              <IconTerminal2 size={18} stroke={1.7} />
            </ActionIcon>
          </Popover.Target>
        </span>
      </Tooltip>
      <Popover.Dropdown>
        <h2 className={styles.title}>{t('action.sameCommand')}</h2>
        <Stack gap={4}>
          {commands.map((command) => (
            <CopyLine key={command} text={command} />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
