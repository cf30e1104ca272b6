// Changes one value in a JSON text, and lays a text out for reading, leaving every other character as it was.

import { endOfValue, locate, members, skipSpace } from "./scan.ts";

type Path = readonly (string | number)[];

/** The text with the value at `path` replaced by `json`; a missing last member is added to its object. */
export function setValue(text: string, path: Path, json: string): string | undefined {
  const found = locate(text, path);
  if (found) return text.slice(0, found.start) + json + text.slice(found.end);
  const name = path.at(-1);
  const parent = locate(text, path.slice(0, -1));
  if (typeof name !== "string" || !parent || text[parent.start] !== "{") return undefined;
  const member = `${JSON.stringify(name)}:${json}`;
  let last = parent.start + 1;
  let empty = true;
  for (const each of members(text, parent.start)) {
    last = each.whole.end;
    empty = false;
  }
  return `${text.slice(0, last)}${empty ? "" : ","}${member}${text.slice(last)}`;
}

/**
 * The text with line breaks and two-space indents, and nothing else changed: numbers and escapes stay as they were
 * written, which `JSON.stringify(JSON.parse(text))` would not do. Text deeper than 200 levels is left as it is.
 */
export function layOut(text: string): string {
  const out: string[] = [];
  return write(text, skipSpace(text, 0), "", out, 0) ? out.join("") : text;
}

function write(text: string, start: number, indent: string, out: string[], depth: number): boolean {
  if (depth > 200) return false;
  const opening = text[start];
  if (opening !== "{" && opening !== "[") {
    out.push(text.slice(start, endOfValue(text, start)));
    return true;
  }
  const inner = `${indent}  `;
  let empty = true;
  for (const member of members(text, start)) {
    out.push(empty ? opening : ",", "\n", inner);
    if (opening === "{") {
      const name = member.whole.start;
      out.push(text.slice(name, endOfValue(text, name)), ": ");
    }
    if (!write(text, member.value.start, inner, out, depth + 1)) return false;
    empty = false;
  }
  out.push(empty ? opening : `\n${indent}`, opening === "{" ? "}" : "]");
  return true;
}

/**
 * What a person typed into a field, as JSON: bare where the field takes numbers or truth values and the text is one,
 * else a string.
 */
export function asJson(typed: string, type: string | undefined): string {
  const text = typed.trim();
  if (type === "number" && /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return text;
  if (type === "boolean" && (text === "true" || text === "false")) return text;
  return JSON.stringify(typed);
}
