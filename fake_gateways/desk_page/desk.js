// The desk in a browser: the inbox's messages, newest first, and the one that is being read. Nothing from elsewhere.

const list = document.querySelector("#list");
const reader = document.querySelector("#reader");
const state = document.querySelector("#state");
const search = document.querySelector("#search");
const kinds = [...document.querySelectorAll(".kinds button")];

const RETRY_MILLISECONDS = 2000;
const PATIENCE_SECONDS = 25;
const LINK_OR_LIKE_A_CODE = /https?:\/\/[!-~]+|\b[A-Z0-9]{4,}(?:[ -][A-Z0-9]{4,})*\b/g;

let messages = [];
let bookmark = 0;
let kind = "";
let pane = "";

/** An element with properties, attributes (`aria-…`, `data-…`, `role`) and children; text is always text, never HTML. */
function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Text in the language that it is in, so that Chinese characters take their Traditional shapes. */
function inItsLanguage(made, text) {
  if (/[\u3400-\u9fff\uf900-\ufaff]/.test(text)) made.lang = "zh-Hant";
  return made;
}

function icon(of) {
  const shapes = {
    mail: "M3 5.5h18v13H3zM3 6l9 7 9-7",
    sms: "M4 4.5h16v11.5h-9L6.5 20v-4H4zM8 9h8M8 12h5",
  };
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", of === "mail" ? "Mail" : "SMS");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", shapes[of]);
  for (const [key, value] of Object.entries({ fill: "none", stroke: "currentColor", "stroke-width": "1.7", "stroke-linejoin": "round", "stroke-linecap": "round" })) {
    path.setAttribute(key, value);
  }
  svg.append(path);
  return svg;
}

const moment = (message) => new Date(message.received_at * 1000);
const clock = (message) => moment(message).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const sender = (message) => message.sender.name || message.sender.address || "(no sender)";
const recipients = (message) => message.recipients.join(", ") || "(no recipient that could be read)";
const titleOf = (message) => (message.kind === "mail" ? message.subject || "(no subject)" : message.readable || "(empty)");

function chosen() {
  const words = search.value.trim().toLowerCase();
  const spoken = (message) => [sender(message), message.sender.address, recipients(message), message.subject, message.readable].join("\n").toLowerCase();
  return messages.filter((message) => (!kind || message.kind === kind) && (!words || spoken(message).includes(words)));
}

const numberInAddress = () => Number(location.hash.slice(1)) || 0;

function current() {
  const shown = chosen();
  return messages.find((message) => message.number === numberInAddress()) ?? shown[shown.length - 1] ?? null;
}

// The list

function row(message, isNew) {
  const link = element("a", { href: `#${message.number}` },
    icon(message.kind),
    inItsLanguage(element("span", { className: "who" }, sender(message)), sender(message)),
    element("time", { dateTime: moment(message).toISOString(), title: moment(message).toString() }, clock(message)),
    inItsLanguage(element("span", { className: "what" }, titleOf(message)), titleOf(message)),
    element("span", { className: "whom" }, `to ${recipients(message)}`),
    chips(message));
  if (message.number === current()?.number) link.setAttribute("aria-current", "true");
  return element("li", { className: isNew ? "new" : "" }, link);
}

function chips(message) {
  const values = message.matches.flatMap((match) => Object.entries(match.values).map(([name, value]) =>
    element("span", { className: "chip" }, `${name} `, element("b", {}, value))));
  const trouble = message.trouble ? [element("span", { className: "chip fail" }, "✘ trouble")] : [];
  const notes = message.notes.length ? [element("span", { className: "chip wait" }, `${message.notes.length} × sent again`)] : [];
  const all = [...trouble, ...notes, ...values];
  return all.length ? element("span", { className: "chips" }, ...all) : null;
}

function showList(newer = 0) {
  const shown = chosen();
  const focused = list.contains(document.activeElement) ? document.activeElement.hash : null;
  list.replaceChildren(...shown.toReversed().map((message) => row(message, newer > 0 && message.number > newer)));
  if (focused) list.querySelector(`a[href="${focused}"]`)?.focus();
  for (const button of kinds) {
    const of = button.dataset.kind;
    button.querySelector("b").textContent = messages.filter((message) => !of || message.kind === of).length;
    button.setAttribute("aria-pressed", String(of === kind));
  }
}

// The reader

function copyButton(value, words = "Copy") {
  const button = element("button", { type: "button" }, words);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(value);
    button.textContent = "Copied";
    button.addEventListener("blur", () => { button.textContent = words; }, { once: true });
  });
  return button;
}

function valueLine(name, value, isLink) {
  const open = isLink ? element("a", { href: value, target: "_blank", rel: "noopener noreferrer" }, "Open") : null;
  return element("div", { className: "value" },
    element("span", { className: "name" }, name),
    element("code", { className: value.length > 30 ? "long" : "" }, value),
    element("span", { className: "do" }, open, copyButton(value)));
}

const isLink = (value) => /^https?:\/\//i.test(value);

function found(message) {
  const boxes = message.matches.map((match) => element("section", { className: "found" },
    element("h3", {}, "matched ", element("b", {}, match.profile)),
    ...Object.entries(match.values).map(([name, value]) => valueLine(name, value, isLink(value))),
    pictures(Object.entries(match.pictures)),
    match.rejected.length ? inItsLanguage(element("p", { className: "rejected" }, "rejected: ",
      ...match.rejected.flatMap((one, place) => [place ? " · " : "", element("code", {}, one.text), ` ${one.why}`])), match.rejected[0].why) : null));
  if (boxes.length || !(message.links.length || message.pictures.length)) return boxes;
  return [element("section", { className: "found" },
    element("h3", {}, "in this message"),
    ...message.links.map((link) => valueLine("link", link, isLink(link))),
    pictures(message.pictures.map((picture) => [picture.content_id, picture.url])))];
}

function pictures(named) {
  if (!named.length) return null;
  return element("div", { className: "pictures" }, ...named.map(([name, url]) =>
    element("figure", {}, element("img", { src: url, alt: name }), element("figcaption", {}, name))));
}

/** Text in which the values found, or else whatever looks like a code, can be copied by a click. */
function copyable(message) {
  const values = message.matches.flatMap((match) => Object.values(match.values));
  const text = message.text;
  const pieces = [];
  let end = 0;
  for (const like of text.matchAll(LINK_OR_LIKE_A_CODE)) {
    const [piece] = like;
    if (isLink(piece) || !/[0-9]/.test(piece) || (values.length && !values.includes(piece))) continue;
    const button = copyButton(piece, piece);
    button.className = "copy";
    button.title = "Copy";
    pieces.push(text.slice(end, like.index), button);
    end = like.index + piece.length;
  }
  return [...pieces, text.slice(end)];
}

function panes(message) {
  const frame = () => element("iframe", { src: `/messages/${message.number}/html`, title: "The mail as a mail program shows it", sandbox: "allow-popups allow-popups-to-escape-sandbox", referrerPolicy: "no-referrer" });
  const text = () => inItsLanguage(element("div", { className: "paper" }, ...copyable(message)), message.text);
  const headers = () => element("dl", { className: "headers" }, ...message.headers.flatMap(([name, value]) =>
    [element("dt", {}, name), element("dd", {}, value)]));
  return [
    ...(message.html ? [["Mail", frame]] : []),
    ...(message.text || !message.html ? [["Text", text]] : []),
    ["Headers", headers],
  ];
}

function tabs(message) {
  const all = panes(message);
  const holder = element("div", { className: "pane", role: "tabpanel" });
  const open = (name) => {
    const [shown, content] = all.find(([known]) => known === name) ?? all[0];
    for (const button of bar.querySelectorAll("button")) button.setAttribute("aria-selected", String(button.textContent === shown));
    holder.replaceChildren(content());
  };
  const bar = element("div", { className: "tabs", role: "tablist" },
    ...all.map(([name]) => {
      const button = element("button", { type: "button", role: "tab" }, name);
      button.addEventListener("click", () => { pane = name; open(name); });
      return button;
    }),
    element("a", { href: `/messages/${message.number}/raw`, target: "_blank" }, "raw"));
  open(pane);
  return [bar, holder];
}

function facts(message) {
  const from = message.sender.name && message.sender.address ? `${message.sender.name} <${message.sender.address}>` : sender(message);
  const pairs = [["from", from], ["to", recipients(message)], ["came", `${moment(message).toLocaleDateString([], { dateStyle: "medium" })}, ${clock(message)}`]];
  if (message.kind === "sms") pairs.push(["as", `${message.encoding}, ${message.segments} ${message.segments === 1 ? "message" : "messages"}, id ${message.provider_id}`]);
  if (message.authenticated_as) pairs.push(["login", message.authenticated_as]);
  return element("dl", { className: "facts" }, ...pairs.flatMap(([name, value]) => [element("dt", {}, name), inItsLanguage(element("dd", {}, value), value)]));
}

function showReader() {
  const message = current();
  document.querySelector("main").dataset.open = numberInAddress() ? "reader" : "list";
  if (!message) {
    showEmpty();
    return;
  }
  const heading = message.kind === "mail" ? message.subject || "(no subject)" : `SMS to ${recipients(message)}`;
  reader.replaceChildren(
    element("p", { className: "back" }, element("a", { href: "#" }, "‹ all messages")),
    inItsLanguage(element("h2", {}, heading), heading),
    facts(message),
    ...(message.trouble ? [element("p", { className: "notice fail" }, `✘ ${message.trouble}`)] : []),
    ...message.notes.map((note) => element("p", { className: "notice wait" }, note)),
    ...found(message),
    ...(message.kind === "mail" ? tabs(message) : [inItsLanguage(element("p", { className: "bubble" }, ...copyable(message)), message.text)]));
  reader.dataset.number = message.number;
}

async function showEmpty() {
  if (messages.length) {
    reader.replaceChildren(element("div", { className: "empty" }, element("h2", {}, "No message like that"), element("p", {}, `The inbox holds ${messages.length}.`)));
    return;
  }
  const doors = await (await fetch("/doors")).json();
  if (messages.length) return;
  reader.replaceChildren(element("div", { className: "empty" },
    element("h2", {}, "Nothing has come yet"),
    element("p", {}, "Mail by SMTP: ", element("code", {}, `${doors.smtp_host}:${doors.smtp_port}`)),
    element("p", {}, "SMS by HTTP: ", element("code", {}, `POST ${doors.sms_url}`))));
}

// What comes

function show(newer = 0) {
  const read = reader.dataset.number;
  showList(newer);
  if (String(current()?.number) !== read) showReader();
}

async function messagesAfter(number) {
  const answer = await fetch(`/messages?after=${number}`);
  return answer.json();
}

async function follow() {
  const all = await messagesAfter(0);
  ({ messages, bookmark } = all);
  state.dataset.state = "open";
  state.textContent = "listening";
  showList();
  showReader();
  for (;;) {
    const answer = await fetch(`/messages/wait?after=${bookmark}&patience=${PATIENCE_SECONDS}`);
    if (answer.ok) {
      const newer = bookmark;
      const came = await messagesAfter(bookmark);
      messages.push(...came.messages);
      bookmark = came.bookmark;
      show(newer);
    } else if (answer.status !== 404) {
      throw new TypeError(`the desk answered ${answer.status}`);
    }
  }
}

function retry(error) {
  if (!(error instanceof TypeError)) throw error;
  state.dataset.state = "closed";
  state.textContent = "the gateways are closed";
  setTimeout(() => follow().catch(retry), RETRY_MILLISECONDS);
}

for (const button of kinds) {
  button.addEventListener("click", () => { kind = button.dataset.kind; show(); });
}
search.addEventListener("input", () => show());
window.addEventListener("hashchange", async () => {
  const number = numberInAddress();
  const place = messages.findIndex((message) => message.number === number);
  // Notes may have been added since it came.
  if (place >= 0) messages[place] = await (await fetch(`/messages/${number}`)).json();
  if (number === numberInAddress()) {
    showList();
    showReader();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.target === search || !["ArrowDown", "ArrowUp"].includes(event.key) || !list.contains(document.activeElement)) return;
  const step = event.key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
  const next = document.activeElement.closest("li")[step]?.querySelector("a");
  if (next) {
    event.preventDefault();
    next.focus();
  }
});
follow().catch(retry);
