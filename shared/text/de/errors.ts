import type { errors as english } from '../en/errors.ts';
import type { Translated } from '../shape.ts';

/** Was geschehen ist und was es für die Daten bedeutet. */
export const errors: Translated<typeof english> = {
  error: {
    logical: 'logische Adresse {{value}}',
    offset: 'bei Byte {{value}}',
    command: 'Befehl {{value}}',
  },
  meaning: {
    corrupt:
      'Was gelesen wurde, passt nicht zu seiner Prüfsumme oder Form. Geändert wurde dadurch nichts.',
    unsupported: 'Die Daten sind unversehrt; diese Version von Dendro kann den Teil nicht lesen.',
    conflict: 'Alles, was da war, ist unversehrt.',
    planChanged: 'Was Sie geändert haben, ist nicht gespeichert.',
    io: 'Alles, was vorher da war, ist unversehrt.',
    bug: 'Was vorher da war, wurde nicht ersetzt.',
    targetFull:
      'Alles, was da war, ist unversehrt. Was nicht fertig wurde, gilt nicht als vollständig.',
    parentMissing:
      'Nichts wurde gesendet. Der Schnappschuss, den beide Seiten gemeinsam brauchen, ist nicht da.',
    deviceGone:
      'Was schon auf dem Laufwerk war, ist unversehrt; was gerade geschrieben wurde, gilt nicht als vollständig.',
    streamBad: 'Nichts davon gilt als Wiederherstellungspunkt; alles, was da war, ist unversehrt.',
    interrupted: 'Alles, was vorher da war, ist unversehrt.',
    dataDamaged:
      'Die Datei ließ sich nicht so lesen, wie sie geschrieben wurde. Andere Dateien betrifft das nicht.',
  },
  plainly: {
    targetFull: 'Das Laufwerk ist voll.',
    deviceGone: 'Das Laufwerk ist nicht mehr da.',
    denied: 'Das ist nicht erlaubt.',
    streamCutShort: 'Der Datenstrom endet zu früh.',
    streamDamaged: 'Der Datenstrom ist beschädigt.',
  },
};
