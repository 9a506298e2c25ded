import { lazy, type ComponentType, type LazyExoticComponent, type ReactElement } from 'react';
import { t } from '../text/index.ts';
import { ReloadNotice } from './reload-notice.tsx';

interface OnDemand<Props> {
  readonly Component: LazyExoticComponent<ComponentType<Props>>;
  /** Fetches it now, so that it is there when it is wanted. */
  readonly fetch: () => Promise<unknown>;
}

/** A part of the page that is fetched when it is first shown. */
export function onDemand<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): OnDemand<Props> {
  let loading: Promise<{ default: ComponentType<Props> }> | undefined;
  const fetch = (): Promise<{ default: ComponentType<Props> }> =>
    (loading ??= load().then(
      (component) => ({ default: component }),
      () => ({ default: Missing }),
    ));
  return { Component: lazy(fetch), fetch };
}

/** The files are not there any more: Dendro was updated or removed while its window was open. */
function Missing(): ReactElement {
  return <ReloadNotice what={t('state.missing')} meaning={t('state.missingMeaning')} />;
}
