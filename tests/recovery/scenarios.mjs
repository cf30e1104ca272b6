// How the package gets over its own faults, the same in every runtime: each scenario throws when something does not hold.
// They run on the build that can be broken (`breakNow`, `breakLater`, `sleep`, `send`).

const WAYS = ["panic", "stack", "memory", "throw"];

/** @param {typeof import("../../build/breakable/pkg/index.node.js")} pkg */
export function scenarios(pkg) {
  const { engine, isFulfillmentError } = pkg;
  const isInternal = (error) =>
    isFulfillmentError(error) && error instanceof Error && error.code === "internal" && error.cause instanceof Error;

  const all = {
    async "a call made after the fault works"() {
      const e = await engine();
      assert(isInternal(caught(() => e.call("breakNow", { how: "panic" }))), "the call that panicked throws an internal error");
      assert(isByte(await e.run("sleep", { ms: 1 })), "the next call works");
    },

    async "the message of a panic names it and says that the package can be used on"() {
      const e = await engine();
      const { message } = caught(() => e.call("breakNow", { how: "panic" }));
      assert(/a panic for a test/.test(message) && /started afresh/.test(message), message);
    },

    async "every call that was pending is rejected at once"() {
      const e = await engine();
      const start = Date.now();
      const pending = [1, 2, 3].map(() => e.run("sleep", { ms: 60_000 }));
      const waiting = e.run("send", { url: "http://localhost/", fetch: () => new Promise(() => {}) });
      const broken = e.run("breakLater", { how: "panic" });
      const outcomes = await Promise.allSettled([...pending, waiting, broken]);
      for (const { status, reason } of outcomes) assert(status === "rejected" && isInternal(reason), `${status} ${reason}`);
      assert(Date.now() - start < 5_000, "none waits for its timer");
    },

    async "a pending call may say what stands for it instead"() {
      const e = await engine();
      const pending = e.run("sleep", { ms: 60_000 }, (error) => ["what had arrived", error.code]);
      await e.run("breakLater", { how: "panic" }).catch(() => {});
      assert(JSON.stringify(await pending) === '["what had arrived","internal"]', "the value of onDeath");
    },

    async "what comes in late for the dead instance touches nothing"() {
      const e = await engine();
      let answer;
      const late = e
        .run("send", { url: "http://localhost/", fetch: () => new Promise((resolve) => (answer = resolve)) })
        .catch((error) => error);
      const timers = [5, 10, 15].map((ms) => e.run("sleep", { ms: ms + 5 }).catch((error) => error));
      await e.run("breakLater", { how: "panic" }).catch(() => {});
      assert(isInternal(await late), "the call was rejected");
      const fresh = e.run("sleep", { ms: 40 });
      answer(new Response("late"));
      assert((await Promise.all(timers)).every(isInternal), "so were those that waited");
      assert(isByte(await fresh), "and the new instance works on");
    },

    async "faults one after another are each got over"() {
      const e = await engine();
      for (let round = 0; round < 20; round += 1) {
        const how = WAYS[round % 2 === 0 ? 0 : 3];
        const error =
          round % 3 === 0 ? await e.run("breakLater", { how }).catch((error) => error) : caught(() => e.call("breakNow", { how }));
        assert(isInternal(error), `round ${round}`);
        assert(isByte(await e.run("sleep", { ms: 0 })), `round ${round}: works on`);
      }
    },

    async "what the caller's fetch throws is an error of the call and not a fault"() {
      const e = await engine();
      const pending = e.run("sleep", { ms: 200 });
      const fetches = [
        () => Promise.reject("a string"),
        () => Promise.reject({ not: "an error" }),
        () => Promise.reject(undefined),
        () => {
          throw new TypeError("thrown at once");
        },
        () => undefined,
        () => Promise.resolve({ ok: true }),
        () => Promise.resolve({ status: "200" }),
        () => ({ status: 200, body: { getReader: () => ({ read: () => Promise.reject("cut") }) } }),
        () => ({ status: 200, body: { getReader: () => ({ read: async () => ({ done: false, value: "text" }) }) } }),
        () => ({ status: 200, arrayBuffer: () => Promise.reject(new Error("cut")) }),
      ];
      for (const fetch of fetches) {
        const error = await e.run("send", { url: "http://localhost/", fetch }).then(
          () => undefined,
          (error) => error,
        );
        assert(typeof error === "string", `${fetch}: ${error}`);
      }
      assert(isByte(await pending), "the instance was not touched");
    },

    async "an answer that only looks like a Response is read"() {
      const e = await engine();
      const like = {
        status: 201,
        headers: new Map([
          ["a", "b"],
          ["c", 1],
        ]),
        arrayBuffer: async () => new ArrayBuffer(3),
      };
      assert((await e.run("send", { url: "http://localhost/", fetch: () => like })) === 201, "its status");
      assert((await e.run("send", { url: "http://localhost/", fetch: () => ({ status: 204 }) })) === 204, "without a body");
    },

    async "a URL that is none is an error of the call"() {
      const e = await engine();
      const error = await e.run("send", { url: "http://", fetch: () => new Response() }).catch((error) => error);
      assert(/URL/.test(error), String(error));
    },
  };
  for (const how of WAYS) {
    all[`${how}: thrown by the call, and the next call works`] = async () => {
      const e = await engine();
      assert(isInternal(caught(() => e.call("breakNow", { how }))), "an internal error");
      assert(isByte(await e.run("sleep", { ms: 1 })), "the next call works");
    };
    all[`${how} in a task: the promise is rejected, and the next call works`] = async () => {
      const e = await engine();
      assert(isInternal(await e.run("breakLater", { how }).catch((error) => error)), "an internal error");
      assert(isByte(await e.run("sleep", { ms: 1 })), "the next call works");
    };
  }
  return all;
}

/** Runs all, and gives the names of those that hold and what was wrong with the others. */
export async function runScenarios(pkg) {
  const results = [];
  for (const [name, scenario] of Object.entries(scenarios(pkg))) {
    try {
      await scenario();
      results.push({ name });
    } catch (error) {
      results.push({ name, failure: String(error?.stack ?? error) });
    }
  }
  return results;
}

function assert(holds, what) {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

function caught(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

const isByte = (value) => Number.isInteger(value) && value >= 0 && value < 256;
