import { html } from "../support.mjs";

export const title = "Service worker";
export const version = "Chromium";

const START = `<script type="module">
  navigator.serviceWorker.onmessage = ({ data }) => (window.outcome = data);
  navigator.serviceWorker.register("/service-worker.js", { type: "module" }).then(
    () => navigator.serviceWorker.ready.then(({ active }) => active.postMessage("send")),
    (error) => (window.outcome = String(error)),
  );
</script>`;

export const ways = { "run a module": ({ served }) => served(".", { pages: { "/": html(START) } }) };
