import { Button, Checkbox, Group, Select, Stack, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { NoticeEvent, type NoticeWay } from '../../../shared/model/notice.ts';
import { Settings } from '../../../shared/model/service.ts';
import { useAct } from '../../bridge/queries.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { LinesField } from '../../parts/lines-field.tsx';
import { Whole } from '../../parts/whole.tsx';
import { t } from '../../text/index.ts';
import { Row } from '../plans/editor/section.tsx';
import { SettingRow } from './setting-row.tsx';
import styles from './settings.module.css';

const WAYS = ['desktop', 'mail', 'command', 'webhook'] as const;
const MOST = 20;

/** How a person is told what is wrong, and after how much silence. */
export function NoticeSettings({ settings }: { readonly settings: Settings }): ReactElement {
  const save = useAct('settings.set', ['settings.get']);
  const [ways, setWays] = useState(settings.noticeWays);
  const [days, setDays] = useState(settings.silenceDays);
  const isComplete = Settings.shape.noticeWays.safeParse(ways).success;
  const isChanged = ways !== settings.noticeWays;
  return (
    <>
      <section className={styles.block}>
        <h2 className={styles.label}>{t('settings.notices')}</h2>
        <p className={styles.help}>{t('settings.noticesHelp')}</p>
        <Stack gap="sm" mt={12}>
          {ways.map((way, i) => (
            <Row
              key={i}
              what={t(`settings.way.${way.way}`)}
              onRemove={() => setWays(ways.toSpliced(i, 1))}
            >
              <WayFields way={way} onChange={(next) => setWays(ways.with(i, next))} />
            </Row>
          ))}
          <Group gap="sm">
            <Button
              variant="default"
              size="xs"
              disabled={ways.length >= MOST}
              leftSection={<IconPlus size={14} aria-hidden="true" />}
              onClick={() => setWays([...ways, fresh('mail')])}
            >
              {t('settings.addWay')}
            </Button>
            {isChanged && (
              <Button
                size="xs"
                disabled={!isComplete}
                loading={save.isPending}
                onClick={() =>
                  save.mutate(
                    { noticeWays: ways },
                    { onSuccess: ({ noticeWays }) => setWays(noticeWays) },
                  )
                }
              >
                {t('settings.saveWays')}
              </Button>
            )}
            {isChanged && !isComplete && <span className="quiet">{t('settings.incomplete')}</span>}
          </Group>
        </Stack>
        {save.error && <ErrorNotice error={save.error} />}
      </section>
      <SettingRow label={t('settings.silence')} help={t('settings.silenceHelp')}>
        <div
          onBlur={() => days !== settings.silenceDays && save.mutate({ silenceDays: days })}
          className={styles.narrow}
        >
          <Whole
            label={t('settings.silenceDays')}
            value={days}
            min={1}
            max={365}
            onChange={setDays}
          />
        </div>
      </SettingRow>
    </>
  );
}

interface WayFieldsProps {
  readonly way: NoticeWay;
  readonly onChange: (way: NoticeWay) => void;
}

function WayFields({ way, onChange }: WayFieldsProps): ReactElement {
  return (
    <>
      <Group align="flex-end" gap="sm" grow preventGrowOverflow={false}>
        <Select
          label={t('settings.notify')}
          data={WAYS.map((value) => ({ value, label: t(`settings.way.${value}`) }))}
          value={way.way}
          onChange={(value) => value && onChange({ ...fresh(value), events: way.events })}
          allowDeselect={false}
        />
        {way.way === 'mail' && (
          <TextInput
            label={t('settings.to')}
            value={way.to}
            onChange={(event) => onChange({ ...way, to: event.currentTarget.value })}
          />
        )}
        {way.way === 'webhook' && (
          <TextInput
            label={t('settings.url')}
            value={way.url}
            onChange={(event) => onChange({ ...way, url: event.currentTarget.value })}
          />
        )}
      </Group>
      {way.way === 'webhook' && (
        <TextInput
          label={t('settings.tokenFile')}
          value={way.tokenFile}
          onChange={(event) => onChange({ ...way, tokenFile: event.currentTarget.value })}
        />
      )}
      {way.way === 'command' && (
        <LinesField
          label={t('settings.commandWords')}
          lines={way.command}
          onChange={(command) => onChange({ ...way, command })}
        />
      )}
      <Group gap="md">
        {NoticeEvent.options.map((event) => (
          <Checkbox
            key={event}
            label={t(`settings.event.${event}`)}
            checked={way.events.includes(event)}
            onChange={({ currentTarget: { checked } }) =>
              onChange({
                ...way,
                events: NoticeEvent.options.filter((one) =>
                  one === event ? checked : way.events.includes(one),
                ),
              })
            }
          />
        ))}
      </Group>
    </>
  );
}

function fresh(way: NoticeWay['way']): NoticeWay {
  const events = [...NoticeEvent.options];
  switch (way) {
    case 'desktop':
      return { way, events };
    case 'mail':
      return { way, events, to: 'root' };
    case 'command':
      return { way, events, command: [] };
    case 'webhook':
      return { way, events, url: '', tokenFile: '' };
  }
}
