// A page as an integrator writes it: it does what it is told from outside, and shows what the SDK tells it.
const { SESSION_STATUS, STREAM_STATUS, STREAM_EVENT, CALL_STATUS } = Flashphoner.constants;
const element = (id) => document.getElementById(id);

function tell(text) {
  const line = document.createElement("li");
  line.textContent = text;
  element("log").append(line);
}

function tellEvery(statuses, thing, line) {
  for (const status of Object.values(statuses)) thing.on(status, (about, more) => tell(line(status, about, more)));
}

let session;
let authToken;
let streams = {};
let calls = [];

/// Options as `Flashphoner.createSession` takes them: `custom: {token}`, `appKey`, `sipOptions`.
function connect(options) {
  session = Flashphoner.createSession(options);
  tellEvery([SESSION_STATUS.REGISTERED, SESSION_STATUS.DISCONNECTED, SESSION_STATUS.FAILED], session, (status) => `session ${status}`);
  session.on(SESSION_STATUS.ESTABLISHED, (_, connection) => {
    ({ authToken } = connection);
    tell("session ESTABLISHED");
  });
  session.on(SESSION_STATUS.WARN, ({ info }) => tell(`warning: ${info}`));
  session.on(SESSION_STATUS.APP_DATA, ({ payload }) => tell(`data: ${JSON.stringify(payload)}`));
  session.on(SESSION_STATUS.DEBUG, ({ status }) => tell(`debug ${status}`));
  session.on(SESSION_STATUS.INCOMING_CALL, (call) => {
    tell(`call from ${call.caller()}`);
    watch(call);
    call.answer({ localVideoDisplay: element("local"), remoteVideoDisplay: element("remote") });
  });
}

function sendData(payload) {
  session.sendData(payload).then(() => tell("data ACCEPTED"), ({ info }) => tell(`data FAILED: ${info}`));
}

function stream(name, display) {
  const stream = session.createStream({ name, display: element(display) });
  tellEvery(STREAM_STATUS, stream, (status, stream) => `${name} ${status}${stream.getInfo() ? `: ${stream.getInfo()}` : ""}`);
  stream.on(STREAM_EVENT, ({ type }) => tell(`${name} ${type}`));
  return (streams[name] = stream);
}

const publish = (name) => stream(name, "local").publish();
const play = (name) => stream(name, "remote").play();

function watch(call) {
  calls.push(call);
  tellEvery(CALL_STATUS, call, (status) => `call ${status}`);
}

function call(callee) {
  const call = session.createCall({ callee, localVideoDisplay: element("local"), remoteVideoDisplay: element("remote") });
  watch(call);
  call.call();
}

const hangUp = () => calls.pop().hangup();

Flashphoner.init();
