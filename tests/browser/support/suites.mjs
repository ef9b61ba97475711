// Mocha in a page, seen from here: which tests there are, and how each of them ended.

/// A page that reports what its Mocha does by `window.report`, and starts it by `window.start`.
export class Suites {
  #results = new Map();
  #page;

  constructor(page) {
    this.#page = page;
  }

  #result(title) {
    if (!this.#results.has(title)) {
      let settle;
      const promise = new Promise((resolve) => (settle = resolve));
      this.#results.set(title, { promise, settle });
    }
    return this.#results.get(title);
  }

  #end(reason) {
    for (const { settle } of this.#results.values()) settle(`was not run: ${reason}`);
  }

  /// The full titles of all tests, in their order.
  async start() {
    await this.#page.exposeFunction("report", ({ title, failure }) => this.#result(title).settle(failure));
    const titles = await this.#page.evaluate(() => window.titles());
    titles.forEach((title) => this.#result(title));
    this.#page.on("close", () => this.#end("the page was closed"));
    this.#page.on("crash", () => this.#end("the page crashed"));
    this.#page.evaluate(() => window.start()).then(
      (hooks) => this.#end(hooks.join("; ") || "the run ended"),
      (error) => this.#end(error.message),
    );
    return titles;
  }

  /// Why the test failed, or null.
  failure(title) {
    return this.#result(title).promise;
  }
}
