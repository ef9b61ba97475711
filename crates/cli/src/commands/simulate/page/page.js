"use strict";
// A browser as WCS sees one: JSON messages over a WebSocket, as the vendor's SDK sends them. No media.

const $ = (id) => document.getElementById(id);
const LONGEST_LOG = 100;
let socket = null;
const streams = { published: null, played: null };

function pill(id, text, kind = "") {
  $(id).textContent = text;
  $(id).className = `pill ${kind}`;
}

function make(tag, text, className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}

function log(list, summary, bodies) {
  const details = document.createElement("details");
  const head = document.createElement("summary");
  head.append(...summary);
  details.append(head, ...bodies.flatMap(([title, body]) => [make("small", title), make("pre", JSON.stringify(body, null, 2))]));
  const item = document.createElement("li");
  item.append(details);
  $(list).prepend(item);
  while ($(list).children.length > LONGEST_LOG) $(list).lastChild.remove();
}

function id() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function send(message, argument) {
  socket.send(JSON.stringify({ message, data: [argument] }));
}

function allow(isConnected) {
  for (const name of ["publish", "play-alias", "play-name", "text", "disconnect"]) $(name).disabled = !isConnected;
  $("message").querySelector("button").disabled = !isConnected;
  if (!isConnected) for (const name of ["unpublish", "stop"]) $(name).disabled = true;
}

function connect(token) {
  if (socket) socket.onclose = socket.onmessage = null, socket.close();
  allow(false);
  for (const name of ["published", "played"]) ended(name, "no stream");
  pill("session", "connecting");
  $("session-info").textContent = "";
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/`);
  socket.onopen = () => send("connection", { appKey: "defaultApp", mediaProviders: ["WebRTC"], clientVersion: "demo", custom: { token } });
  socket.onmessage = (event) => told(JSON.parse(event.data));
  socket.onclose = () => {
    allow(false);
    for (const name of ["published", "played"]) ended(name, "no stream");
    if ($("session").className !== "pill bad") pill("session", "not connected");
  };
}

function start(hook, place, name) {
  streams[place] = { mediaSessionId: id(), name, published: place === "published", hasVideo: true, hasAudio: true, status: "PENDING", record: false, mediaProvider: "WebRTC" };
  pill(place, "PENDING");
  send(hook, streams[place]);
}

function ended(place, text, kind = "") {
  streams[place] = null;
  pill(place, text, kind);
  $(place === "published" ? "unpublish" : "stop").disabled = true;
}

function streamChanged(stream) {
  const place = Object.keys(streams).find((place) => streams[place]?.mediaSessionId === (stream.mediaSessionId ?? stream.id));
  if (!place) return;
  const isLive = ["PUBLISHING", "PLAYING"].includes(stream.status);
  if (!isLive) return ended(place, [stream.status, stream.info].filter(Boolean).join(": "), stream.status === "FAILED" ? "bad" : "");
  pill(place, stream.status, "good");
  $(place === "published" ? "unpublish" : "stop").disabled = false;
}

const hears = {
  ping: () => send("pong", null),
  getUserData(user) {
    pill("session", "connected", "good");
    $("session-info").textContent = `The backend gave the login ${user.login ?? "none"}.`;
    allow(true);
  },
  fail(failure) {
    if (failure.id) return streamChanged(failure);
    pill("session", "refused", "bad");
    $("session-info").textContent = `WCS says: ${failure.info}`;
  },
  notifyStreamStatusEvent: streamChanged,
  DataStatusEvent: (data) => pill("delivered", [data.status, data.info].filter(Boolean).join(": "), data.status === "ACCEPTED" ? "good" : "bad"),
  OnDataEvent: (data) => { $("reply").textContent = `${data.payload.from}: ${data.payload.text}`; },
};

function told({ message, data }) {
  hears[message]?.(data[0]);
  if (message === "ping" || message === "pong") return;
  const status = data[0]?.status ?? "";
  const kind = message === "fail" || status === "FAILED" ? "bad" : "good";
  log("frames", [make("code", message), make("span", status, `pill ${kind}`), make("span", data[0]?.info ?? "")], [["message", data[0]]]);
}

$("connect-accepted").onclick = () => connect("user-alice");
$("connect-refused").onclick = () => connect("guess");
$("connect-other").onsubmit = (event) => {
  event.preventDefault();
  connect($("token").value);
};
$("disconnect").onclick = () => socket.close();
$("publish").onclick = () => start("publishStream", "published", "b4e7");
$("play-alias").onclick = () => start("playStream", "played", "alias-b4e7");
$("play-name").onclick = () => start("playStream", "played", "b4e7");
$("unpublish").onclick = () => send("unPublishStream", streams.published);
$("stop").onclick = () => send("stopStream", streams.played);
$("message").onsubmit = (event) => {
  event.preventDefault();
  pill("delivered", "sent");
  send("sendData", { operationId: id(), payload: { text: $("text").value } });
};

// What the backend changed of single values, such as a stream's name.
function changes({ request, answer }) {
  const differs = (key) => request?.[key] !== answer[key] && typeof answer[key] !== "object";
  return Object.keys(answer ?? {}).filter(differs).map((key) => `${key}: ${request?.[key] ?? "–"} → ${answer[key]}`).join(", ");
}

const feed = new EventSource("hooks");
feed.onopen = () => pill("feed", "live", "good");
feed.onerror = () => pill("feed", "the gateway is gone", "bad");
feed.onmessage = ({ data }) => {
  const hook = JSON.parse(data);
  const kind = hook.status === 200 ? "good" : "bad";
  log("hooks",
    [make("span", hook.status ?? "—", `pill ${kind}`), make("code", hook.hook), make("span", hook.status === 200 ? changes(hook) : hook.reason), make("small", `${hook.milliseconds} ms`)],
    [["request", hook.request], ["answer", hook.answer]]);
};
