import { Modal, type ModalProps } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { t } from '../text/index.ts';
import { FaultBoundary } from './fault-boundary.tsx';
import { useFocusReturn } from './focus-return.ts';

interface DialogProps {
  readonly title: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** For a dialog that stays in the page while it is closed. */
  readonly opened?: boolean;
  readonly size?: ModalProps['size'];
}

/** Over the page: the focus goes in and, when it is closed, back to what opened it. */
export function Dialog(props: DialogProps): ReactElement {
  const { title, onClose, children, opened = true, size = 'md' } = props;
  useFocusReturn(opened, true);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      // Mantine's own looks only at dialogs that were closed before.
      returnFocus={false}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <FaultBoundary>{children}</FaultBoundary>
    </Modal>
  );
}
