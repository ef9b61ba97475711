// Pages with the vendor's SDK, the gateway, and backends made with the framework: what a backend answers is what the page shows.
import assert from "node:assert/strict";

import { openBackend } from "./support/backend.mjs";
import { client, connected, play, publish, registered } from "./support/client.mjs";
import { plays, shows } from "./support/shows.mjs";
import { stageTest } from "./support/stage.mjs";
import { openExample, openGateway } from "./support/world.mjs";

const KEY = "1234567890";

stageTest("token-auth", async (stage) => {
  const backend = await openExample(stage, "token-auth");
  const token = await backend.program.says(/^(eyJ\S+)$/);
  const properties = ["rest_hook_send_hash=true", `rest_hook_secret_key=${KEY}`];
  const gateway = await openGateway(stage, { defaultApp: backend.url }, properties);

  await stage.test("a token lets in", async () => {
    await connected(stage, gateway, { custom: { token } });
  });

  await stage.test("a forged token is refused, and the page learns why", async () => {
    for (const [custom, reason] of [[{ token: `${token}x` }, "invalid token"], [{}, "no token"]]) {
      const page = await client(stage, gateway, { custom });
      await shows(page, "#log", `warning: ${reason}`);
      await shows(page, "#log", "session DISCONNECTED");
    }
  });

  await stage.test("the token says which streams may be published", async () => {
    const page = await connected(stage, gateway, { custom: { token } });
    await publish(page, "studio-1");
    await shows(page, "#log", "studio-1 PUBLISHING");
    await publish(page, "backstage");
    await shows(page, "#log", "backstage FAILED: no right to publish this stream");
  });

  await stage.test("a stream that is ended from outside", async () => {
    const page = await connected(stage, gateway, { custom: { token } });
    await publish(page, "studio-2");
    await shows(page, "#log", "studio-2 PUBLISHING");
    assert.equal(await gateway.rest("stream/terminate", { name: "studio-2" }), 200);
    await shows(page, "#log", /studio-2 (UNPUBLISHED|FAILED)/);
  });
});

stageTest("a gateway whose hooks are not signed is not let in", async (stage) => {
  const backend = await openExample(stage, "token-auth");
  const token = await backend.program.says(/^(eyJ\S+)$/);
  const gateway = await openGateway(stage, { defaultApp: backend.url });
  const page = await client(stage, gateway, { custom: { token } });
  await shows(page, "#log", "warning: Forbidden");
});

stageTest("stream-alias", async (stage) => {
  const backend = await openExample(stage, "stream-alias", ["lobby=cam-7f3a"]);
  const gateway = await openGateway(stage, { defaultApp: backend.url });
  const camera = await connected(stage, gateway);
  await publish(camera, "cam-7f3a");
  await shows(camera, "#log", "cam-7f3a PUBLISHING");

  const viewer = await connected(stage, gateway);
  await play(viewer, "lobby");
  await shows(viewer, "#log", "lobby PLAYING");
  await play(viewer, "cam-7f3a");
  await shows(viewer, "#log", "cam-7f3a FAILED: no such stream");
});

stageTest("call-redirect", async (stage) => {
  const backend = await openExample(stage, "call-redirect", ["support=1001", "0900123="]);
  const gateway = await openGateway(stage, { defaultApp: backend.url });
  const [caller, callee] = [await registered(stage, gateway, "1000"), await registered(stage, gateway, "1001")];

  await stage.test("is called under another number, and media flows between the browsers", async () => {
    await caller.evaluate(() => call("support"));
    await shows(callee, "#log", "call from 1000");
    for (const page of [caller, callee]) await shows(page, "#log", "call ESTABLISHED");
    for (const page of [caller, callee]) await plays(page, "#remote");
    await caller.evaluate(() => hangUp());
    for (const page of [caller, callee]) await shows(page, "#log", "call FINISH");
  });

  await stage.test("a number that cannot be called", async () => {
    await caller.evaluate(() => call("0900123"));
    await shows(caller, "#log", "warning: this number cannot be called");
  });
});

stageTest("a refused keep-alive ends the stream", async (stage) => {
  const backend = await openBackend(stage, ["StreamKeepAliveEvent"]);
  const properties = ["keep_alive_streaming_sessions_enabled=true", "streaming_sessions_keep_alive_interval=200"];
  const gateway = await openGateway(stage, { defaultApp: backend.url }, properties);
  const page = await connected(stage, gateway);
  await publish(page, "studio-1");
  await shows(page, "#log", "studio-1 PUBLISHING");
  backend.refused.set("StreamKeepAliveEvent", "time is up");
  await shows(page, "#log", /studio-1 (UNPUBLISHED|FAILED)/);
});
