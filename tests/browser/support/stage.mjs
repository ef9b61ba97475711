// What a file of tests needs at once: a browser, a site, programs. All end with it; what they said is printed if a test fails.
import { test } from "node:test";

import { chromium } from "playwright-core";

import { PATIENCE } from "./patience.mjs";
import { Program } from "./program.mjs";
import { openSite } from "./site.mjs";

const FLAGS = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  // A machine may have no other network than its own.
  "--allow-loopback-in-peer-connection",
];
const SHOWN_LINES = 40;

const isElsewhere = ({ protocol, hostname }) => protocol.startsWith("http") && hostname !== "127.0.0.1";

const show = (name, lines) => console.error(`--- ${name}\n${lines.slice(-SHOWN_LINES).join("\n")}`);

class Stage {
  #t;
  #closers = [];
  #programs = [];
  /// The pages of the part that runs now, and of what surrounds it.
  #pages = [];
  #failed = false;
  /// URLs that pages asked of other machines, in vain.
  elsewhere = [];

  constructor(t) {
    this.#t = t;
  }

  async open() {
    const site = await openSite();
    this.closes(site.close);
    this.url = site.url;
    this.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
    this.closes(() => this.browser.close());
  }

  /// What is to be done at the end; the last is done first.
  closes(close) {
    this.#closers.push(close);
  }

  program(name, args, env) {
    const program = new Program(name, args, env);
    this.closes(() => program.stop());
    this.#programs.push(program);
    return program;
  }

  /// A page of its own browser session. `path` is one of the site, or a whole URL. The script runs before the page's own.
  async page(path, script = "") {
    const context = await this.browser.newContext();
    await context.route(isElsewhere, (route) => (this.elsewhere.push(route.request().url()), route.abort()));
    await context.addInitScript(script);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const lines = [];
    this.#pages.push({ path, lines, close: () => context.close() });
    page.on("console", (message) => lines.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => lines.push(`uncaught: ${error.message}`));
    page.on("requestfailed", (request) => lines.push(`not loaded: ${request.url()}`));
    await page.goto(new URL(path, this.url).href);
    return page;
  }

  /// A part, which closes the pages that it opens.
  async test(name, body) {
    const before = this.#pages.length;
    await this.#t.test(name, (t) => this.watch(() => body(t)));
    for (const { close } of this.#pages.splice(before)) await close();
  }

  /// Prints what pages show if the work fails.
  async watch(work) {
    try {
      await work();
    } catch (error) {
      this.#failed = true;
      for (const { path, lines } of this.#pages) show(path, lines);
      throw error;
    }
  }

  async close() {
    if (this.#failed) for (const { name, lines } of this.#programs) show(name, lines);
    for (const close of this.#closers.reverse()) await close();
  }
}

/// A test with a stage; its parts are `stage.test`.
export function stageTest(name, body) {
  test(name, async (t) => {
    const stage = new Stage(t);
    try {
      await stage.watch(async () => {
        await stage.open();
        await body(stage);
      });
    } finally {
      await stage.close();
    }
  });
}
