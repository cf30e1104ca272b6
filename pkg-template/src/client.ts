/** The client: sends orders through a broker. */
import { send } from "#core";
import { submitStream } from "#streams";

import { core } from "./core.js";
import { FulfillmentError, isFulfillmentError } from "./errors.js";
import { isStream, toBytes } from "./input.js";
import { runs } from "./load/compile.js";
import { aFunction, checkOptions, milliseconds, nameOf, oneOf, rules, signal, submissionId, whole } from "./options.js";
import { plainRules, ready, readyResults } from "./reports.js";
import { stray } from "./stray.js";
import type { OrdersStream, StreamSubmission, SubmitStreamOptions } from "./streams/types.js";
import { Log } from "./submission.js";
import type { ClientOptions, OrdersInput, RuleOptions, Submission, SubmissionEvent, SubmissionProgress, SubmitOptions } from "./types.js";

const CLIENT = {
  ...rules,
  baseURL: (value: unknown) =>
    typeof value === "string" || value instanceof URL ? undefined : `must be a text or a URL, not ${nameOf(value)}.`,
  fetch: aFunction,
  headers: (value: unknown) =>
    pairsOf(value)
      ? undefined
      : `must be an object of texts by name, such as { authorization: "Bearer ..." }, a Headers or a list of pairs.`,
  timeout: milliseconds(1),
  deadline: milliseconds(1),
  maxRetries: whole(0, 100),
  maxRetryAfter: milliseconds(0),
  concurrency: whole(1, 100),
  onAmbiguous: oneOf("report", "resend"),
  onEvent: aFunction,
};

const SUBMIT = {
  ...rules,
  signal,
  onProgress: aFunction,
  onInvalid: oneOf("stop", "skip"),
  submissionId,
  maxBytes: whole(0),
};

/** How many batches travel side by side by default, as the program has it. */
const CONCURRENCY = 3;

const NO_STOP =
  'onInvalid must be "skip" for a stream: its first orders are sent before the last have been seen, so an order with errors cannot stop the others. To send nothing then, give all orders at once.';

/** Sends orders to Pitney Bowes through a broker, which keeps the credentials. */
export class FulfillmentClient {
  readonly #options: ClientOptions;
  readonly #plain: object;

  /** Throws a TypeError that says what to do, if an option is misspelt, missing or wrong. */
  constructor(options: ClientOptions) {
    checkOptions("FulfillmentClient", options, CLIENT);
    const { baseURL, fetch, headers, timeout, deadline, maxRetries, maxRetryAfter, concurrency, onAmbiguous } = options ?? {};
    this.#options = { ...options };
    this.#plain = {
      ...{ timeout, deadline, maxRetries, maxRetryAfter, concurrency, onAmbiguous },
      baseURL: absolute(baseURL),
      headers: pairsOf(headers ?? []),
      // The global one is looked up at each call, for those who replace it later.
      fetch: fetch ?? ((request: Request) => globalThis.fetch(request)),
    };
  }

  /**
   * Loads what sends, so that the first submission need not wait for it; it does so by itself if this was not called. Rejects with a
   * FulfillmentError that says what to do if it cannot be loaded. What reads streams comes with the first stream.
   */
  async load(): Promise<void> {
    await core(send);
  }

  /**
   * Validates and sends the orders of a stream, in memory that does not grow with it: results come as they are known, and the source is not read faster than
   * orders are sent. Where an order comes again, the later one is sent when the earlier has ended.
   *
   * If the stream cannot be read on, what was sent still gets its outcome; then it rejects with a FulfillmentError that has the counts as
   * `submission`, of code `invalid_json` or `invalid_input` where the input is at fault, and `stream_cut` where the source is, or the
   * signal or the deadline ended it.
   */
  submitOrders(input: OrdersStream, options: SubmitStreamOptions): StreamSubmission;
  /**
   * Validates the orders, sends those without errors in batches, and says what became of each.
   *
   * Fulfils whatever happens on the way, an abort included: with one result for each order, in input order. Rejects with a
   * FulfillmentError of code `invalid_json` or `invalid_input` if the input is no list of orders, or of one that begins with `wasm_` if
   * what sends cannot be loaded, and with a TypeError if an option is wrong; nothing was sent then.
   */
  submitOrders(input: OrdersInput, options?: SubmitOptions): Promise<Submission>;
  /** Validates and sends what may be either. */
  submitOrders(input: OrdersInput | OrdersStream, options: SubmitStreamOptions): Promise<Submission> | StreamSubmission;
  submitOrders(input: OrdersInput | OrdersStream, options?: SubmitOptions | SubmitStreamOptions): Promise<Submission> | StreamSubmission {
    if (!isStream(input)) return this.#submitAll(input, options);
    const { concurrency = CONCURRENCY, deadline } = this.#options;
    const { onProgress } = options ?? {};
    return submitStream(input, options as SubmitStreamOptions, {
      check() {
        checkOptions("submitOrders", options, SUBMIT);
        if (options?.onInvalid !== "skip") throw new TypeError(`submitOrders: ${NO_STOP}`);
      },
      rules: plainRules(this.#rules(options)),
      concurrency,
      deadline,
      send: (loaded, call, firstOrder, listen) => this.#submit(loaded, call, this.#rules(options).messages, firstOrder, listen),
      tell: (progress) => tell(onProgress, progress),
    });
  }

  async #submitAll(input: OrdersInput, options: SubmitOptions = {}): Promise<Submission> {
    checkOptions("submitOrders", options, SUBMIT);
    const bytes = toBytes(input, "submitOrders");
    const { signal, onProgress, onInvalid, submissionId, maxBytes } = options;
    const rules = this.#rules(options);
    const call = { ...plainRules(rules), input: bytes, signal, onInvalid, submissionId, maxBytes };
    return this.#submit(await core(send), call, rules.messages, 0, (progress) => tell(onProgress, progress));
  }

  /** The client's own rules, and over them those of a call. */
  #rules(options: RuleOptions | undefined): Required<RuleOptions> {
    const { messages, severity } = this.#options;
    return { messages: { ...messages, ...options?.messages }, severity: { ...severity, ...options?.severity } };
  }

  async #submit(
    loaded: Awaited<ReturnType<typeof core>>,
    call: object,
    messages: RuleOptions["messages"],
    firstOrder: number,
    onProgress: (progress: SubmissionProgress) => void,
  ): Promise<Submission> {
    // A test in a browser that is none, such as jsdom, may go without. Nothing could be sent, and so nothing is doubtful.
    runs("Request", "Headers", "AbortController", "crypto", ...(this.#options.fetch ? [] : ["fetch"]));
    const log = new Log(firstOrder);
    const listen = (what: "event" | "progress", value: SubmissionEvent | SubmissionProgress): void => {
      if (what === "event") {
        log.event(value as SubmissionEvent);
        tell(this.#options.onEvent, value as SubmissionEvent);
      } else {
        tell(() => readyResults((value as SubmissionProgress).results, messages), undefined);
        log.progress(value as SubmissionProgress);
        onProgress(value as SubmissionProgress);
      }
    };
    let fallen = false;
    const onDeath = (error: FulfillmentError): Submission => {
      fallen = true;
      return log.close(error);
    };
    try {
      const submission = await loaded.run<Submission>("submit", { ...this.#plain, ...call, listen }, onDeath);
      // What was composed from the log was made ready when it came in.
      if (!fallen) readyResults(submission.results, messages);
      return submission;
    } catch (error) {
      if (isFulfillmentError(error)) ready(error.report?.issues, messages);
      throw error;
    }
  }
}

/** Calls a function of the caller. What it throws must not end the submission, so it goes where stray errors go. */
function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value);
  } catch (error) {
    stray(error);
  }
}

/** The URL of the broker; in a page, a path is one on its own origin. */
function absolute(baseURL: string | URL | undefined): string {
  if (baseURL === undefined)
    throw new TypeError("FulfillmentClient: baseURL is missing. It is the URL of the broker, such as https://shop.example/api.");
  const text = String(baseURL);
  const page = (globalThis as { location?: { origin?: string } }).location?.origin;
  const url = /^\/(?!\/)/.test(text) && page?.startsWith("http") ? page + text : text;
  const parsed = urlOf(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new TypeError(
      `FulfillmentClient: baseURL ${nameOf(text)} is no absolute URL of http or https. It must be that of the broker, such as https://shop.example/api; only in a page, a path such as /api will do.`,
    );
  }
  const { username, password, search, hash } = parsed;
  if (username || password || search || hash) {
    throw new TypeError("FulfillmentClient: baseURL must have no user name, password, query or fragment. Give credentials in headers.");
  }
  return url;
}

/** A URL, or nothing. `URL.canParse` is younger than the oldest browsers that will do. */
function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Header fields as pairs of texts, or nothing if they are something else. */
function pairsOf(headers: unknown): [string, string][] | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const pairs: unknown[] = Symbol.iterator in headers ? [...(headers as Iterable<unknown>)] : Object.entries(headers);
  const isPair = (pair: unknown): pair is [string, string] =>
    Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === "string");
  return pairs.every(isPair) ? pairs : undefined;
}
