import { html } from "../support.mjs";

export const title = "Web worker";
export const version = "Chromium";

const START = `<script type="module">
  const worker = new Worker("/worker.js", { type: "module" });
  worker.onmessage = ({ data }) => (window.outcome = data);
  worker.onerror = () => (window.outcome = "the worker did not start");
</script>`;

export const ways = { "run a module": ({ served }) => served(".", { pages: { "/": html(START) } }) };
