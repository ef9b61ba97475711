// The vendor's own demo pages, as its package has them, against the gateway and the examples.
import assert from "node:assert/strict";

import { plays, shows } from "./support/shows.mjs";
import { stageTest } from "./support/stage.mjs";
import { openWorld } from "./support/world.mjs";

const DEMOS = "/node_modules/@flashphoner/websdk/examples/demo";

stageTest("the vendor's demo pages", async (stage) => {
  const { gateway } = await openWorld(stage);

  await stage.test("two-way streaming", async () => {
    const page = await stage.page(`${DEMOS}/streaming/two_way_streaming/two_way_streaming.html`);
    await page.fill("#urlServer", gateway.ws);
    await page.click("#connectBtn");
    await shows(page, "#connectStatus", "ESTABLISHED");

    await page.click("#availableBtn");
    await shows(page, "#availableStatus", "UNAVAILABLE");
    await page.click("#publishBtn");
    await shows(page, "#publishStatus", "PUBLISHING");
    await page.click("#availableBtn");
    await shows(page, "#availableStatus", /^AVAILABLE/);
    await page.click("#playBtn");
    await shows(page, "#playStatus", "PLAYING");
    await page.click("#sendDataBtn");
    await shows(page, "#receivedData", '{"count":23}');

    await page.click("#playBtn");
    await shows(page, "#playStatus", "STOPPED");
    await page.click("#playBtn");
    await shows(page, "#playStatus", "PLAYING");
    await page.click("#publishBtn");
    await shows(page, "#publishStatus", "UNPUBLISHED");
    await shows(page, "#playStatus", "FAILED");
    await shows(page, "#playInfo", "Related publisher stopped its stream or lost connection");
    await page.click("#connectBtn");
    await shows(page, "#connectStatus", "DISCONNECTED");
  });

  for (const name of ["conference", "video-chat"]) {
    await stage.test(name, () => meet(`${DEMOS}/streaming/${name}/${name}.html?roomName=${name}`));
  }

  async function join(path, login) {
    const page = await stage.page(path);
    await page.fill("#url", gateway.ws);
    await page.fill("#login", login);
    await page.click("#joinBtn");
    await shows(page, "#localStatus", "PUBLISHING");
    return page;
  }

  async function meet(path) {
    const alice = await join(path, "alice");
    await shows(alice, "#chat", "room is empty");
    const bob = await join(path, "bob");
    await shows(bob, "#chat", "participants: alice");
    await shows(alice, "#chat", "bob - joined");
    for (const page of [alice, bob]) await shows(page, "#participant1Btn", "Stop");

    await alice.fill("#message", "hello");
    await alice.click("#sendMessageBtn");
    await shows(bob, "#chat", "alice - hello");
    await bob.click("#joinBtn");
    await shows(alice, "#chat", "bob - left");
    await shows(alice, "#participant1Name", "NONE");
  }

  for (const [name, display] of [["phone", "#remoteDisplay"], ["phone-video", "#remoteVideo"]]) {
    await stage.test(name, () => telephone(`${DEMOS}/sip/${name}/${name}.html`, display));
  }

  async function register(path, login) {
    const page = await stage.page(path);
    // The form is loaded by the page's script, which then fills in a server of its own.
    await page.waitForFunction(() => document.querySelector("#urlServer")?.value && document.querySelector("#callBtn"));
    await page.fill("#urlServer", gateway.ws);
    for (const field of ["sipLogin", "sipAuthenticationName", "sipPassword"]) await page.fill(`#${field}`, login);
    for (const field of ["sipDomain", "sipOutboundProxy"]) await page.fill(`#${field}`, "sip.example.com");
    await page.fill("#sipPort", "5060");
    await page.click("#connectBtn");
    await shows(page, "#regStatus", "REGISTERED");
    return page;
  }

  async function telephone(path, display) {
    const caller = await register(path, "1000");
    const callee = await register(path, "1001");
    await caller.fill("#callee", "1001");
    await caller.click("#callBtn");
    await shows(callee, "#incomingCallAlert", "1000");
    await callee.click("#answerBtn");
    for (const page of [caller, callee]) await shows(page, "#callStatus", "ESTABLISHED");
    for (const page of [caller, callee]) await plays(page, display);
    await callee.click("#hangupBtn");
    for (const page of [caller, callee]) await shows(page, "#callStatus", "FINISH");
  }

  await stage.test("the pages ask nothing of other hosts", () => assert.deepEqual(stage.elsewhere, []));
});
