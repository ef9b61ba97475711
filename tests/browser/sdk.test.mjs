// What else the SDK does with a WCS, and what a backend hears of it.
import assert from "node:assert/strict";

import { openBackend } from "./support/backend.mjs";
import { connected, play, publish, registered } from "./support/client.mjs";
import { shows } from "./support/shows.mjs";
import { stageTest } from "./support/stage.mjs";
import { openGateway } from "./support/world.mjs";

stageTest("the SDK", async (stage) => {
  const backend = await openBackend(stage, ["OnDataEvent", "OnCallEvent"]);
  const gateway = await openGateway(stage, { defaultApp: backend.url });

  await stage.test("data goes to the backend and comes from it", async () => {
    const page = await connected(stage, gateway);
    await page.evaluate(() => sendData({ question: 6 * 9 }));
    await shows(page, "#log", "data ACCEPTED");
    const { sessionId, payload } = await backend.hears("OnDataEvent");
    assert.deepEqual(payload, { question: 54 });
    assert.equal(await gateway.rest("data/send", { operationId: "1", sessionId, payload: { answer: 42 } }), 200);
    await shows(page, "#log", 'data: {"answer":42}');

    backend.refused.set("OnDataEvent", "not now");
    await page.evaluate(() => sendData({}));
    await shows(page, "#log", "data FAILED: not now");
  });

  await stage.test("a bug report, a debug session and logs", async () => {
    const page = await connected(stage, gateway);
    await page.evaluate(() => session.submitBugReport({ type: "other", text: "no picture" }));
    assert.equal((await backend.hears("submitBugReport")).text, "no picture");
    await backend.hears("BugReportStatusEvent");
    await page.evaluate(() => session.startDebug());
    await shows(page, "#log", "debug STARTED");
    await backend.hears("pushLogs", ({ logs }) => logs.includes("DEBUG"));
    await page.evaluate(() => session.stopDebug());
    await shows(page, "#log", "debug STOPPED");
  });

  await stage.test("a snapshot", async () => {
    const page = await connected(stage, gateway);
    await publish(page, "camera");
    await shows(page, "#log", "camera PUBLISHING");
    await page.evaluate(() => streams.camera.snapshot());
    await shows(page, "#log", "camera snapshotCompleted");
    assert.equal((await backend.hears("snapshot")).name, "camera");
  });

  await stage.test("a page that is closed ends its streams and its session", async () => {
    const [publisher, player] = [await connected(stage, gateway), await connected(stage, gateway)];
    await publish(publisher, "studio");
    await shows(publisher, "#log", "studio PUBLISHING");
    await play(player, "studio");
    await shows(player, "#log", "studio PLAYING");
    const { sessionId } = await backend.hears("publishStream", ({ name }) => name === "studio");
    await publisher.close();
    await shows(player, "#log", "studio FAILED");
    await backend.hears("ConnectionStatusEvent", (event) => event.sessionId === sessionId && event.status === "DISCONNECTED");
  });

  await stage.test("a session that is kept is there after the page was loaded anew", async () => {
    const page = await connected(stage, gateway, { keepAlive: true });
    const before = backend.asked("connect").length;
    const authToken = await page.evaluate(() => authToken);
    await page.reload();
    await page.evaluate((options) => connect(options), { urlServer: gateway.ws, keepAlive: true, authToken });
    await shows(page, "#log", "session ESTABLISHED");
    assert.equal(backend.asked("connect").length, before);
  });

  await stage.test("a call is held, taken back, gets tones, and is transferred", async () => {
    const pages = [];
    for (const login of ["1000", "1001", "1002"]) pages.push(await registered(stage, gateway, login));
    const [caller, callee, third] = pages;
    await caller.evaluate(() => call("1001"));
    for (const page of [caller, callee]) await shows(page, "#log", "call ESTABLISHED");
    await caller.evaluate(() => calls[0].hold());
    await shows(caller, "#log", "call HOLD");
    await caller.evaluate(() => calls[0].unhold());
    await backend.hears("unhold");
    await caller.evaluate(() => calls[0].sendDTMF("5"));
    assert.equal((await backend.hears("sendDtmf")).dtmf, "5");
    await caller.evaluate(() => calls[0].transfer("1002"));
    await shows(third, "#log", "call from 1001");
    await shows(third, "#log", "call ESTABLISHED");
    await shows(caller, "#log", "call FINISH");
    await backend.hears("TransferStatusEvent", ({ status }) => status === "COMPLETED");
  });

  await stage.test("a call that the callee's backend refuses", async () => {
    const [caller] = [await registered(stage, gateway, "1000"), await registered(stage, gateway, "1001")];
    backend.refused.set("OnCallEvent", "not at home");
    await caller.evaluate(() => call("1001"));
    await shows(caller, "#log", "call FAILED");
  });
});
