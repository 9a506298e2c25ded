import type { plans as english } from '../en/plans.ts';
import type { Translated } from '../shape.ts';

/** Pläne: als Sätze, und zum Bearbeiten. */
export const plans: Translated<typeof english> = {
  plan: {
    everyMinutes_one: 'jede Minute',
    everyMinutes_other: 'alle {{count, number}} Minuten',
    everyHour: 'jede Stunde',
    everyHourAt: 'jede Stunde um :{{minute}}',
    everyDay: 'jeden Tag um {{time}}',
    everyWeek: 'jeden {{day}} um {{time}}',
    everyMonth: 'am {{day}}. jedes Monats um {{time}}',
    byExpression: 'nach dem Ausdruck {{expression}}',
    onPlugIn: 'beim Anschließen des Laufwerks',
    beforePackages: 'bevor sich Pakete ändern',
    byHand: 'wenn Sie es verlangen',
    hourly: '{{count, number}} stündliche',
    daily: '{{count, number}} tägliche',
    weekly: '{{count, number}} wöchentliche',
    monthly: '{{count, number}} monatliche',
    yearly: '{{count, number}} jährliche',
    latest_one: 'nur den neuesten',
    latest_other: 'die neuesten {{count, number}}',
    minAge_one: 'nichts, was jünger ist als {{count, number}} Stunde, geht',
    minAge_other: 'nichts, was jünger ist als {{count, number}} Stunden, geht',
    minFree: 'die ältesten gehen, solange weniger als {{percent}} % frei sind',
    sentenceLocal:
      'Von {{source}} {{when}} einen Schnappschuss anlegen. Auf diesem Rechner behalten: {{local}}.',
    sentenceDrive:
      'Von {{source}} {{when}} einen Schnappschuss anlegen und an {{drive}} senden. Behalten: {{local}} auf diesem Rechner, {{remote}} auf {{drive}}.',
  },
  plans: {
    new: 'Neuer Plan',
    newName: 'Jede Stunde',
    none: 'Noch geschieht nichts von selbst',
    noneText:
      'Ein Plan legt zu festen Zeiten Schnappschüsse an, sendet sie an ein Laufwerk und räumt alte weg.',
    noSource:
      'Ein Plan braucht ein Subvolume, das eingehängt ist: auf diesem Rechner wurde keines gefunden.',
    neverRan: 'Noch nie gelaufen.',
    lastRan: 'Zuletzt: {{moment}}.',
    next: 'Als Nächstes: {{moment}}.',
    noNext: 'Beginnt, wenn kommt, worauf er wartet.',
    off: 'Ausgeschaltet.',
    enabled: '{{name}} ist eingeschaltet',
    edit: 'Ändern …',
    show: 'Ansehen …',
    runNow: 'Jetzt ausführen',
    sourceAway: 'einer Quelle, die nicht da ist',
    driveAway: 'ein Laufwerk, das nicht da ist',
    moreTargets_one: 'Außerdem an {{count, number}} weiteren Ort.',
    moreTargets_other: 'Außerdem an {{count, number}} weitere Orte.',
    inFile:
      'Dieser Plan steht in der Plandatei und wird dort geändert: sie wird sofort neu gelesen.',
    fileHead: 'Pläne des Administrators kommen aus {{path}}, gelesen {{moment}}.',
    fileWrong: 'In der Plandatei ist ein Fehler. Ihre bisherigen Pläne bleiben in Kraft.',
    partLocal: 'Schnappschüsse hier',
    retry: 'Nächster Versuch: {{moment}}.',
    failures_one: 'Einmal fehlgeschlagen.',
    failures_other: '{{count, number}}-mal hintereinander fehlgeschlagen.',
    lastGood: 'Zuletzt gut: {{moment}}.',
    waits: {
      'drive-away': 'Wartet auf das Laufwerk.',
      'source-away': 'Wartet auf die Quelle.',
      'on-battery': 'Wartet auf das Stromnetz.',
      metered: 'Wartet auf eine Verbindung, die nicht getaktet ist.',
      presenting: 'Wartet, bis niemand mehr etwas vorführt.',
      'quiet-hours': 'Wartet auf das Ende der Ruhezeit.',
      'plan-under-way': 'Wartet auf den Lauf davor.',
      other: 'Wartet: {{what}}.',
    },
  },
};
