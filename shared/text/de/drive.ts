import type { drive as english } from '../en/drive.ts';
import type { Translated } from '../shape.ts';

/** Ein Laufwerk: Zustand, Platz, Ketten, was dafür festgehalten wird. */
export const drive: Translated<typeof english> = {
  drive: {
    groups: { known: 'Bekannt', here: 'Da, noch nicht benutzt', other: 'Von Ihnen geöffnet' },
    state: {
      mounted: 'Bereit.',
      unmounted: 'Angeschlossen, nicht eingehängt.',
      locked: 'Angeschlossen, gesperrt.',
      blank: 'Angeschlossen, ohne Dateisystem.',
      away: 'Nicht da. Zuletzt: {{moment}}.',
    },
    system: 'Hier wohnt das laufende System.',
    onSystemDisk: 'Es liegt auf der Platte, auf der das laufende System wohnt.',
    inUse_one: '{{count, number}} Vorgang braucht es gerade.',
    inUse_other: '{{count, number}} Vorgänge brauchen es gerade.',
    lasts:
      'Im Tempo der letzten Wochen ({{size}} am Tag) reicht der Platz noch etwa: {{duration}}.',
    manyYears: 'mehr als zehn Jahre',
    years_one: '{{count, number}} Jahr',
    years_other: '{{count, number}} Jahre',
    months_one: '{{count, number}} Monat',
    months_other: '{{count, number}} Monate',
    passphraseKept: 'Seine Passphrase liegt im Schlüsselbund des Desktops.',
    passphraseEmpty: 'Bleibt das Feld leer, öffnet die im Schlüsselbund.',
    passphraseAsked: 'Nach seiner Passphrase wird gefragt.',
    tabOverview: 'Überblick',
    tabSnapshots: 'Subvolumes und Schnappschüsse',
    canBtrfs:
      'Es hat btrfs: Es kann Wiederherstellungspunkte aufnehmen, in die man sofort hineinsehen kann. Was darauf ist, bleibt.',
    canStreams:
      'Es hat {{filesystem}}: Es kann Datenstromdateien aufnehmen, in einem eigenen Ordner. Was darauf ist, bleibt.',
    emptyWhich:
      '{{maker}}, {{size}} ({{device}}), hat kein Dateisystem: Es ist leer, oder was darauf ist, lässt sich nicht sagen.',
    foreignWhich:
      '{{maker}}, {{size}} ({{device}}), enthält {{filesystem}}, worauf nicht gesichert werden kann. Was darauf ist, bleibt.',
    serial: 'Seine Seriennummer ist {{serial}}.',
    canNothing:
      'Dendro formatiert niemals ein Laufwerk. Mit btrfs wird es durch diese Zeile vorbereitet, die alles darauf löscht:',
    afterwards: 'Sobald sie gelaufen ist, wird es hier für Sicherungen angeboten.',
    wasFull: 'Falls etwas darauf ist, das Sie brauchen, führen Sie das nicht aus:',
    lookFirst: 'Sehen Sie unter Rettung nach, was zu retten ist',
    use: 'Dieses Laufwerk benutzen',
    mount: 'Einhängen',
    unlock: 'Entsperren …',
    unlockTitle: '{{name}} entsperren',
    passphrase: 'Passphrase',
    showPassphrase: 'Passphrase zeigen',
    keep: 'Im Schlüsselbund des Desktops aufbewahren',
    unlockAction: 'Entsperren und einhängen',
    marker:
      'Dendro legt eine kleine Merkdatei darauf ab, an der es das Laufwerk wiedererkennt. Sonst wird nichts angerührt.',
    release: 'Zum Abziehen bereit machen',
    released: {
      'powered-off': '{{name}} hat keinen Strom mehr: Es kann abgezogen werden.',
      unmounted: '{{name}} ist ausgehängt: Es kann abgezogen werden.',
      mounted: '{{name}} ist noch eingehängt: Ziehen Sie es noch nicht ab.',
    },
    notReleased: '{{name}} kann nicht abgezogen werden.',
    rename: 'Umbenennen …',
    renameTitle: 'Wie {{name}} heißen soll',
    renameAction: 'Umbenennen',
    forgetPassphrase: 'Die Passphrase aus dem Schlüsselbund nehmen',
    forget: 'Vergessen …',
    forgetTitle: '{{name}} vergessen?',
    forgetText:
      'Auf dem Laufwerk wird nichts angerührt. Pläne, die dorthin senden, warten dann darauf.',
    forgetConfirm: 'Vergessen',
    prove: 'Jetzt prüfen',
    proveHelp: 'Liest alles, was darauf ist, und vergleicht jede Kopie mit ihrer Prüfsumme.',
    spaceTitle: 'Platz im Lauf der Zeit',
    spaceLabel:
      'Was Sicherungen auf {{name}} gebracht haben: {{size}} in {{points}} Wiederherstellungspunkten seit {{moment}}',
    spaceCaption: 'Was jede Sicherung gebracht hat',
    columnMoment: 'Zeitpunkt',
    columnBytes: 'Gebracht',
    asTable: 'Als Tabelle',
    costTitle: 'Was jeder Schnappschuss kostet',
    costText:
      'Was frei würde, löschte man ihn allein. Das zu lesen dauert auf einem großen Dateisystem einige Sekunden.',
    costAction: 'Nachzählen',
    costCaption: 'Die {{shown}} teuersten von {{total}}. Zusammen sind {{size}} belegt.',
    costName: 'Subvolume',
    costSize: 'Frei durch Löschen',
    chainTitle: 'Ketten',
    chainLabel:
      'Abstammung von {{name}}: {{points}} Wiederherstellungspunkte hier, davon {{full}} vollständig gesendet',
    chainLegend:
      'Ring: vollständig gesendet. Punkt: als Unterschied zum vorigen gesendet. Kreuz: worauf er aufbaute, ist nicht mehr da.',
    chain: {
      shared: 'Die nächste Sicherung von {{name}} sendet nur, was sich ändert.',
      first: 'Von {{name}} ist hier noch nichts: Die erste Sicherung sendet alles.',
      'parent-deleted-here':
        'Neben der Quelle ist kein Wiederherstellungspunkt von {{name}} übrig, den es hier gibt: Die nächste Sicherung würde alles senden.',
    },
    mend: 'So wird es wieder ein Unterschied:',
    pinsTitle: 'Was dafür festgehalten wird',
    pin: 'Der Wiederherstellungspunkt {{point}} ({{moment}}) bleibt auf diesem Rechner: Die nächste Sicherung auf dieses Laufwerk baut darauf auf.',
    pinUnknown:
      'Für dieses Laufwerk wird ein Wiederherstellungspunkt festgehalten, den niemand mehr kennt.',
    pinOverdue: 'Das Laufwerk war zuletzt da: {{moment}}. Ist es für immer verloren?',
    pinRelease: 'Freigeben …',
    pinTitle: 'Freigeben, was für {{name}} festgehalten wird?',
    pinText:
      'Dann entscheiden die Regeln der Pläne darüber. Kommt das Laufwerk doch zurück, muss die nächste Sicherung dorthin vielleicht alles senden.',
    pinConfirm: 'Freigeben',
    pinReleased_one: '{{count, number}} Wiederherstellungspunkt ist freigegeben.',
    pinReleased_other: '{{count, number}} Wiederherstellungspunkte sind freigegeben.',
  },
};
