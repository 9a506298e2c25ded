import type { ReactElement } from 'react';
import { printable } from '../../shared/model/bytes-text.ts';
import { t } from '../text/index.ts';
import styles from './breadcrumbs.module.css';

interface BreadcrumbsProps {
  readonly path: string;
  readonly onGo: (path: string) => void;
}

export function Breadcrumbs({ path, onGo }: BreadcrumbsProps): ReactElement {
  const names = path === '' ? [] : path.split('/');
  return (
    <nav aria-label={t('restore.breadcrumbs')} className={styles.crumbs}>
      <ol>
        <Crumb name={t('restore.top')} here={names.length === 0} onGo={() => onGo('')} />
        {names.map((name, i) => (
          <Crumb
            key={names.slice(0, i + 1).join('/')}
            name={printable(name)}
            here={i === names.length - 1}
            onGo={() => onGo(names.slice(0, i + 1).join('/'))}
          />
        ))}
      </ol>
    </nav>
  );
}

interface CrumbProps {
  readonly name: string;
  readonly here: boolean;
  readonly onGo: () => void;
}

function Crumb({ name, here, onGo }: CrumbProps): ReactElement {
  return (
    <li>
      <button
        type="button"
        onClick={onGo}
        aria-current={here ? 'location' : undefined}
        title={name}
      >
        <bdi>{name}</bdi>
      </button>
    </li>
  );
}
