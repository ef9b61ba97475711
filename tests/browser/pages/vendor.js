// What test.html of the package gives its suites, and a reporter that tells the tests outside (support/suites.mjs).
const failedHooks = [];

class Reporter {
  constructor(runner) {
    runner.on("pass", (test) => report({ title: test.fullTitle(), failure: null }));
    runner.on("fail", (test, error) => {
      const failure = error.message || String(error);
      if (test.type === "hook") failedHooks.push(`${test.title}: ${failure}`);
      else report({ title: test.fullTitle(), failure });
    });
  }
}

// Those that set no time of their own have 2 seconds by default, which a busy machine may need.
mocha.setup({ ui: "bdd", reporter: Reporter, timeout: 10_000 });

window.titles = () => {
  const titles = [];
  mocha.suite.eachTest((test) => titles.push(test.fullTitle()));
  return titles;
};
window.start = () => new Promise((resolve) => mocha.run(() => resolve(failedHooks)));

var Flashphoner = RoomApi.sdk;
Flashphoner.roomApi = RoomApi;
var expect = chai.expect;
var sOptions = { urlServer: new URLSearchParams(location.search).get("server") };
var initOptions = {};

function addDisplay(width = 320, height = 240) {
  const display = document.createElement("div");
  display.style = `width: ${width}px; height: ${height}px; border: 1px solid`;
  document.body.prepend(display);
  return display;
}

function removeDisplay(display) {
  display.remove();
}
