/** The `info.xml` of a Snapper snapshot, so that Snapper lists it (snapper(8)). */
export function snapperInfo(number: number, from: string, date = new Date()): string {
  const stamp = date.toISOString().slice(0, 19).replace('T', ' ');
  return [
    '<?xml version="1.0"?>',
    '<snapshot>',
    '  <type>single</type>',
    `  <num>${number}</num>`,
    `  <date>${stamp}</date>`,
    `  <description>writable copy of ${escaped(from)} (dendro rollback)</description>`,
    '</snapshot>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
