import { Component, type ReactNode } from 'react';
import { t } from '../text/index.ts';
import { ReloadNotice } from './reload-notice.tsx';

interface FaultBoundaryProps {
  readonly children: ReactNode;
  /** Another one tries anew: the address of what is shown. */
  readonly shown?: string;
}

interface State {
  readonly fault: unknown;
  readonly hasFault: boolean;
}

const FINE: State = { fault: undefined, hasFault: false };

/** A fault of what is drawn below takes that away and nothing else, and is said in its place. */
export class FaultBoundary extends Component<FaultBoundaryProps, State> {
  override state: State = FINE;

  static getDerivedStateFromError(fault: unknown): State {
    return { fault, hasFault: true };
  }

  override componentDidUpdate(before: FaultBoundaryProps): void {
    if (this.state.hasFault && before.shown !== this.props.shown) this.setState(FINE);
  }

  override render(): ReactNode {
    const { fault, hasFault } = this.state;
    if (!hasFault) return this.props.children;
    const code = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
    return <ReloadNotice what={t('state.fault')} meaning={t('state.faultMeaning')} code={code} />;
  }
}
