// A backend in a few lines: it echoes what it is sent, and refuses the methods that it is told to.
import { once } from "node:events";
import { createServer } from "node:http";

import { inTime } from "./patience.mjs";

/// Answers to connect that WCS is to mind refusals of these methods.
const minding = (methods) => ({ restClientConfig: Object.fromEntries(methods.map((method) => [method, { restOnError: "FAIL" }])) });

class Backend {
  /// The reason by method; only those that are minded take effect.
  refused = new Map();
  #asked = [];
  #waiting = [];

  constructor(minded) {
    this.minded = minded;
  }

  answer(method, body) {
    const call = { method, fields: JSON.parse(body) };
    this.#asked.push(call);
    for (const wake of this.#waiting.splice(0)) wake();
    if (this.refused.has(method)) return { status: 403, reason: this.refused.get(method) };
    return { status: 200, body: method === "connect" ? JSON.stringify({ ...call.fields, ...minding(this.minded) }) : body };
  }

  /// The fields of each call of a method so far.
  asked(method) {
    return this.#asked.filter((call) => call.method === method).map((call) => call.fields);
  }

  /// The fields of the first call of a method with which it is so, whether it has come or will.
  hears(method, isSo = () => true) {
    return inTime(this.#first(method, isSo), () => `the backend does not hear ${method}`);
  }

  async #first(method, isSo) {
    for (;;) {
      const fields = this.asked(method).find(isSo);
      if (fields) return fields;
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }
}

/// Serves until the stage is closed.
export async function openBackend(stage, minded = []) {
  const backend = new Backend(minded);
  const server = createServer(async (request, response) => {
    const text = (await request.toArray()).join("");
    const { status, reason, body } = backend.answer(request.url.split("/").at(-1), text);
    response.writeHead(status, reason, { "Content-Type": "application/json" }).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stage.closes(() => (server.close(), server.closeAllConnections()));
  backend.url = `http://127.0.0.1:${server.address().port}`;
  return backend;
}
