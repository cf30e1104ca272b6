// Comma-separated values for a spreadsheet (RFC 4180, with a byte order mark so that Excel reads UTF-8).

/** One cell, quoted. A cell that a spreadsheet would run as a formula is preceded by an apostrophe (OWASP, CSV injection). */
export function cell(value: string | number | undefined): string {
  const text = value === undefined ? "" : String(value);
  const safe = /^[\s\u0000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** A table, its first row the names of the columns. */
export function toCsv(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
