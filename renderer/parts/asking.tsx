import { Button, Group, Stack } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { t } from '../text/index.ts';
import { ErrorNotice } from './error-notice.tsx';

interface AskingProps {
  readonly title: string;
  readonly action: string;
  readonly canBegin: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onBegin: () => void;
  readonly children: ReactNode;
}

/** A question before something is done; Enter does it, Escape does not. */
export function Asking(props: AskingProps): ReactElement {
  const { title, action, canBegin, isBusy, error, onClose, onBegin, children } = props;
  return (
    <Dialog onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canBegin) onBegin();
        }}
      >
        <Stack>
          {children}
          {error !== null && <ErrorNotice error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.close')}
            </Button>
            <Button type="submit" disabled={!canBegin} loading={isBusy}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
