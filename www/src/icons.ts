// The few line icons of the page, drawn on a 20 by 20 grid in the colour of the text around them.

const PATHS = {
  upload: "M10 13V3.5M6 7l4-4 4 4M3.5 12.5v3a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-3",
  download: "M10 3v9.5M6 9l4 4 4-4M3.5 12.5v3a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-3",
  error: "M10 6v4.6M10 13.6v.1M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4z",
  warning: "M10 8v3.6M10 14.1v.1M9.1 3.4 2.4 15a1 1 0 0 0 .9 1.6h13.4a1 1 0 0 0 .9-1.6L10.9 3.4a1 1 0 0 0-1.8 0z",
  ready: "m4.5 10.5 3.6 3.6 7.4-8",
  unknown: "M7.8 7.7a2.3 2.3 0 1 1 3.3 2.1c-.7.3-1.1.8-1.1 1.6M10 14.1v.1M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4z",
  stopped: "M5.5 5.5l9 9M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4z",
  mend: "m4 16 .8-3.2L13 4.6a1.4 1.4 0 0 1 2 0l.4.4a1.4 1.4 0 0 1 0 2L7.2 15.2z",
  search: "M9 3.8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 9 3.8zM13 13l3.5 3.5",
  arrow: "M4 10h12M11.5 5.5 16 10l-4.5 4.5",
} as const;

export type IconName = keyof typeof PATHS;

const SVG = "http://www.w3.org/2000/svg";

/** An icon for the eye only: what it says must stand in words beside it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
