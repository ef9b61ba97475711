// The gateway and the programs behind it, on free ports.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openBackend } from "./backend.mjs";
import { freePort } from "./program.mjs";

/// A program of examples/, which says where it listens.
export async function openExample(stage, name, args = []) {
  const program = stage.program(name, ["--listen", "127.0.0.1:0", ...args]);
  return { program, url: await program.says(/listening on (http:\S+)/) };
}

/// A file with the lines of a flashphoner.properties.
async function settingsFile(stage, lines) {
  const folder = await mkdtemp(join(tmpdir(), "wcs-hooks-"));
  stage.closes(() => rm(folder, { recursive: true }));
  const file = join(folder, "flashphoner.properties");
  await writeFile(file, lines.join("\n"));
  return file;
}

class Gateway {
  constructor(ws, restUrl) {
    this.ws = ws;
    this.restUrl = restUrl;
  }

  /// The status of a command of the REST API.
  async rest(path, body) {
    const answer = await fetch(`${this.restUrl}/rest-api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer.status;
  }
}

/// The gateway. `apps` maps app keys to the URLs of their backends.
export async function openGateway(stage, apps, properties = [], restPort = undefined) {
  restPort ??= await freePort();
  const args = ["--listen", "127.0.0.1:0", "--rest-listen", `127.0.0.1:${restPort}`];
  for (const [key, url] of Object.entries(apps)) args.push("--app", `${key}=${url}`);
  if (properties.length > 0) args.push("--settings", await settingsFile(stage, properties));
  const program = stage.program("wcs-hooks", ["simulate", ...args]);
  return new Gateway(await program.says(/listening on (wss?:\S+)/), `http://127.0.0.1:${restPort}`);
}

/// The gateway with the example of rooms for its app, and for any other client a backend that lets all in.
export async function openWorld(stage) {
  const restPort = await freePort();
  const rooms = await openExample(stage, "rooms", ["--page", "127.0.0.1:0", "--rest-port", String(restPort), "--vendor-fixtures"]);
  const anybody = await openBackend(stage);
  const gateway = await openGateway(stage, { defaultApp: anybody.url, roomApp: rooms.url }, [], restPort);
  return { gateway, roomsPage: await rooms.program.says(/the page is at (http:\S+)/) };
}
