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

  /// This page takes the server's port from a configuration beside it.
  async function logIn(login) {
    const page = await stage.page(`${DEMOS}/sip/phone-ui/Phone.html`, `window.SERVER_PORTS = { ws: ${new URL(gateway.ws).port} };`);
    await page.click(".b-display__header__login");
    for (const field of ["sipLogin", "sipAuthenticationName", "sipPassword", "sipDomain", "sipOutboundProxy", "sipPort"]) {
      await page.fill(`#${field}`, field === "sipPort" ? "5060" : login);
    }
    await page.click(".b-login__btn input");
    await shows(page, ".b-display__header__login", "Log out");
    await shows(page, ".b-display__header__sip_login", login);
    return page;
  }

  await stage.test("phone-ui", async () => {
    const [caller, callee] = [await logIn("1000"), await logIn("1001")];
    for (const digit of "1001") await caller.click(`.b-num td:text-is("${digit}")`);
    await caller.click(".b-nav__voice");
    await shows(callee, ".call__inc__dial.open", "1000");
    await callee.click(".b-nav__answer");
    await shows(caller, ".voice_call__call.open .interlocutor2", "1001");
    await shows(callee, ".voice_call__call.open .interlocutor2", "1000");
    for (const page of [caller, callee]) await plays(page, "#remoteVideo");

    await caller.click(".voice_call__stop");
    await shows(caller, ".voice_call__call__pause.open", "1001");
    await caller.click(".voice_call__play");
    await shows(caller, ".voice_call__call.open .interlocutor2", "1001");
    await caller.click(".b-nav__cancel_call");
    for (const page of [caller, callee]) await page.waitForFunction(() => !document.querySelector(".voice_call__call.open"));
    await caller.click(".b-display__header__login");
    await shows(caller, ".b-display__header__login", "Log in");
  });

  await stage.test("the pages ask nothing of other hosts", () => assert.deepEqual(stage.elsewhere, []));
});
