// Programs of this workspace, as they are run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { inTime } from "./patience.mjs";

const PROGRAMS = process.env.WCS_HOOKS_PROGRAMS;
/// Variables that change what an example does.
const QUIET = { JWT_SECRET: undefined, WCS_HOOKS_SECRET: undefined };

/// A port that is free now, for a program that must know another's before that one is started.
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

/// A running program, whose first lines are read for what it says.
export class Program {
  #child;
  lines = [];
  #wakers = [];

  constructor(name, args, env = {}) {
    this.name = name;
    if (!PROGRAMS) throw new Error("WCS_HOOKS_PROGRAMS is not set: run tests/browser/run");
    this.#child = spawn(join(PROGRAMS, name), args, { env: { ...process.env, ...QUIET, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.on("error", (error) => this.#say(`cannot be started: ${error.message}`));
    this.#child.on("exit", (code, signal) => this.#say(`ended with ${code ?? signal}`));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.#say(line));
    }
  }

  #say(line) {
    this.lines.push(line);
    for (const wake of this.#wakers.splice(0)) wake();
  }

  #hasEnded() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
  }

  /// The first match in a line that the program has printed or will print.
  says(pattern) {
    return inTime(this.#first(pattern), () => `${this.name} does not say ${pattern}`);
  }

  async #first(pattern) {
    for (let seen = 0; ; seen++) {
      while (seen === this.lines.length) {
        if (this.#hasEnded()) throw new Error(`${this.name} has ended:\n${this.lines.join("\n")}`);
        await new Promise((resolve) => this.#wakers.push(resolve));
      }
      const found = this.lines[seen].match(pattern);
      if (found) return found[1] ?? found[0];
    }
  }

  async stop() {
    if (this.#hasEnded()) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}
