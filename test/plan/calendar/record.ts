import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expressions } from './expressions.ts';
import { BASE_S } from './golden.ts';
import { askSystemd } from './systemd.ts';

/**
 * Records what systemd makes of expressions: node test/plan/calendar/record.ts
 * The manual's own examples (systemd.time(7)) come first.
 */
const MANUAL = `Sat,Thu,Mon..Wed,Sat..Sun|Mon,Sun 12-*-* 2,1:23|Wed *-1|Wed..Wed,Wed *-1|Wed, 17:48
Wed..Sat,Tue 12-10-15 1:2:3|*-*-7 0:0:0|10-15|monday *-12-* 17:00|Mon,Fri *-*-3,1,2 *:30:45
12,14,13,12:20,10,30|12..14:10,20,30|mon,fri *-1/2-1,3 *:30:45|03-05 08:05:40|08:05:40|05:40
Sat,Sun 12-05 08:05:40|Sat,Sun 08:05:40|2003-03-05 05:40|2003-02..04-05|2003-03-05 05:40 UTC
2003-03-05|03-05|hourly|daily|daily UTC|monthly|weekly|weekly Pacific/Auckland|yearly|annually
*:2/3|*-02~03|*-05~07/1|Mon *-05~07/1|@4102444800|minutely|quarterly|semiannually|biannually
*-*~1|Mon.. Fri|1..5|2024-02-29|*:*|*|00:00..05|8-* 1|Fri~1|*-*-1~3|24:00|23:59:60|*:00/0
*:30/100|2200-1-1|2199-1-1|1969-1-1|Mon,,|,Mon|Mon Tue|10:00 Nowhere/Zone|Fri..Mon|*-*~31|5..3:00
*-02-29 Mon|2028..2030/2-2-29|T10:00|DAILY|mon-fri|Wed 2..6:0/7:0/13|*/5:0|-1-1|1--1|1:2:3:4`;

const sampled = fc.sample(expressions, { numRuns: 700, seed: 7 });
const all = [...new Set([...MANUAL.split(/[|\n]/), ...sampled.filter(Boolean)])];
const answers = all.map((expression) => askSystemd(expression, BASE_S));
const lines = answers.map((answer) => JSON.stringify(answer));
writeFileSync(new URL('./golden.jsonl', import.meta.url), `${lines.join('\n')}\n`);
