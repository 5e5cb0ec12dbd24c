"use strict";
// The page reads without this script. With it, the lanes show the picture of the moment that one points at.

const find = (from, selector) => from.querySelector(selector);
const findAll = (from, selector) => [...from.querySelectorAll(selector)];
const photographs = JSON.parse(document.getElementById("photographs").textContent);
const drawings = new Map(); // number -> [address of the picture, words on it]

let unpacking; // a promise, once someone wants what is packed
/** The insides of the scenarios that passed, by id; the drawings are then ready, too. */
const unpacked = () => (unpacking ??= unpack());

async function unpack() {
  const packed = document.getElementById("packed").textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const pack = await new Response(stream).json();
  for (const [number, [svg, words]] of Object.entries(pack.drawings)) {
    const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    drawings.set(Number(number), [address, words]);
  }
  return pack.insides;
}

/** The address of a picture and the words on it, by its number: drawings are even, photographs odd. */
async function picture(number) {
  if (number % 2) return [photographs[(number - 1) / 2], ""];
  await unpacked();
  return drawings.get(number);
}

/** One scenario: its lanes, its moment, its steps, and which of the steps is looked at. */
class Scenario {
  constructor(details) {
    this.details = details;
    this.moment = find(details, ":scope > .inside > .moment");
    this.steps = findAll(details, ":scope > .inside > .telling .steps li");
    this.bars = findAll(details, ":scope > .inside > .lanes .row a");
    this.messages = findAll(details, ":scope > .inside > .telling .messages li");
    this.pictures = JSON.parse(this.moment.dataset.pictures);
    this.pinned = Number(this.moment.dataset.step);
    this.shown = 0;
    for (const bar of this.bars) this.prepare(bar);
    this.listen();
    this.show(this.pinned);
    this.bring(this.barOf(this.pinned));
  }

  /** Scroll the lanes, and only them, until a bar is in the middle. */
  bring(bar) {
    const scroll = bar?.closest(".scroll");
    if (scroll) scroll.scrollLeft += bar.getBoundingClientRect().left - scroll.getBoundingClientRect().left - scroll.clientWidth / 2;
  }

  prepare(bar) {
    const step = this.numberOf(bar);
    if (!bar.dataset.step) {
      const { mark, sentence } = this.wordsOf(this.rowOf(step));
      const ended = { "✔": "", "✘": ", failed", "◌": ", broken off" }[mark] ?? ", not ready";
      bar.setAttribute("aria-label", `${step} ${sentence}${ended}`);
    }
    bar.title = bar.getAttribute("aria-label");
    bar.tabIndex = -1;
  }

  numberOf(link) {
    return Number(link.dataset.step ?? link.hash.slice(link.hash.lastIndexOf("-") + 1));
  }

  rowOf(step) {
    return document.getElementById(`${this.details.id}-${step}`);
  }

  /** The verdict's mark and the sentence of a step; what passed has no mark in the list. */
  wordsOf(row) {
    const texts = [...find(row, "p").childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    return { mark: find(row, "i")?.textContent.trim() ?? "✔", sentence: texts.map((node) => node.data).join("").trim() };
  }

  barOf(step) {
    return this.bars.find((bar) => !bar.dataset.step && this.numberOf(bar) === step);
  }

  listen() {
    const lanes = find(this.details, ":scope > .inside > .lanes");
    lanes.addEventListener("pointerover", (event) => {
      const bar = event.target.closest(".row a");
      if (bar && event.pointerType === "mouse") this.show(this.numberOf(bar));
    });
    lanes.addEventListener("pointerleave", () => this.show(this.pinned));
    lanes.addEventListener("focusin", (event) => {
      const bar = event.target.closest(".row a");
      if (bar) this.pin(this.numberOf(bar));
    });
    lanes.addEventListener("click", (event) => {
      const bar = event.target.closest(".row a");
      if (!bar || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.pin(this.numberOf(bar));
    });
    lanes.addEventListener("keydown", (event) => this.key(event));
    for (const [selector, by] of [[".before", -1], [".after", 1]]) {
      const button = find(this.moment, selector);
      button.hidden = false;
      button.addEventListener("click", () => {
        this.pin(this.pinned + by);
        this.bring(this.barOf(this.pinned));
      });
    }
    for (const row of this.steps) {
      find(row, "a").addEventListener("click", () => this.pin(this.numberOf(find(row, "a"))));
    }
  }

  key(event) {
    const last = this.steps.length;
    const to = { ArrowLeft: this.pinned - 1, ArrowRight: this.pinned + 1, Home: 1, End: last }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const bar = this.barOf(Math.min(Math.max(to, 1), last));
    bar?.focus({ preventScroll: true });
    this.bring(bar);
  }

  /** Look at a step and stay there. */
  pin(step) {
    if (!this.rowOf(step)) return;
    this.pinned = step;
    for (const bar of this.bars) bar.tabIndex = -1;
    this.show(step);
  }

  /** Look at a step while it is pointed at. */
  show(step) {
    const row = this.rowOf(step);
    if (!row) return;
    const pinned = this.barOf(this.pinned);
    if (pinned) pinned.tabIndex = 0;
    if (this.shown === step) return;
    this.shown = step;
    for (const bar of this.bars) bar.classList.toggle("now", !bar.dataset.step && this.numberOf(bar) === step);
    for (const other of this.steps) other.classList.toggle("now", other === row);
    const { mark, sentence } = this.wordsOf(row);
    find(this.moment, "header b").textContent = `${mark} ${step}`;
    find(this.moment, "header span").textContent = sentence;
    find(this.moment, "header time").textContent = find(row, "time").textContent;
    find(this.moment, ".before").disabled = step <= 1;
    find(this.moment, ".after").disabled = step >= this.steps.length;
    for (const figure of findAll(this.moment, "figure")) this.picture(figure, step);
    this.hear(step);
  }

  async picture(figure, step) {
    const taken = this.pictures.filter(([after, actor]) => actor === figure.dataset.actor && after <= step).at(-1);
    const [, , number, caption] = taken ?? [0, "", null, "nothing yet"];
    find(figure, "figcaption span").textContent = caption;
    let image = find(figure, "img");
    if (number === null) {
      image?.remove();
      return;
    }
    if (image?.dataset.number === String(number)) return;
    const [address, words] = await picture(number);
    if (this.shown !== step) return; // another moment was asked for meanwhile
    image = find(figure, "img") ?? figure.appendChild(document.createElement("img"));
    find(figure, ".missing")?.remove();
    image.dataset.number = number;
    image.alt = words || caption;
    image.src = address;
  }

  hear(step) {
    const heard = ["mail", "sms"].flatMap((lane) => {
      const last = this.messages.filter((item) => item.dataset.lane === lane && Number(item.dataset.step) <= step).at(-1);
      if (!last) return [];
      const article = document.createElement("article");
      article.append(find(last, "h5").cloneNode(true), find(last, "p").cloneNode(true));
      find(article, "h5 span")?.remove();
      return [article];
    });
    find(this.moment, ".heard").replaceChildren(...heard);
  }
}

const ready = new Map(); // an opened <details> -> a promise of its Scenario
/** Fill an opened scenario, if it is packed, and bring its lanes to life. */
function open(details) {
  if (!ready.has(details)) ready.set(details, enliven(details));
  return ready.get(details);
}

async function enliven(details) {
  const inside = find(details, ":scope > .inside");
  if (details.dataset.words !== undefined) inside.innerHTML = (await unpacked())[details.id];
  return find(inside, ":scope > .moment") && new Scenario(details);
}

const opened = (event) => event.target.open && open(event.target);
for (const details of findAll(document, ".scenario")) {
  details.addEventListener("toggle", opened);
  if (details.open) open(details);
}

/** Open what an address names, and look at its step. */
async function follow() {
  const name = decodeURIComponent(location.hash.slice(1));
  const details = document.getElementById(name)?.closest(".scenario") ?? document.getElementById(name.replace(/-[am]?\d+$/, ""));
  if (!details?.matches(".scenario")) return;
  for (let outer = details; outer; outer = outer.parentElement.closest("details")) outer.open = true;
  const scenario = await open(details);
  const target = document.getElementById(name) ?? details;
  if (target.matches(".steps li")) scenario.pin(scenario.numberOf(find(target, "a")));
  target.scrollIntoView({ block: target === details ? "start" : "center" });
}
addEventListener("hashchange", follow);
follow();

const filter = find(document, ".filter");
if (filter) {
  filter.hidden = false;
  filter.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", () => {
    const only = filter.elements.only.value;
    const wanted = find(filter, "[type=search]").value.trim().toLowerCase();
    let found = 0;
    for (const group of findAll(document, ".group")) {
      const scenarios = findAll(group, ":scope > .scenario");
      for (const details of scenarios) {
        const about = details.dataset.words ?? find(details, ".about").textContent;
        const words = `${find(details, "summary").textContent} ${about}`.toLowerCase();
        details.hidden = (only && group.dataset.name !== only) || !words.includes(wanted);
      }
      const shown = scenarios.filter((details) => !details.hidden).length;
      group.hidden = !shown;
      found += shown;
    }
    document.getElementById("found-nothing").hidden = found > 0;
  });
}

const large = document.getElementById("large");
document.addEventListener("click", (event) => {
  const image = event.target.closest(".screens img");
  if (image) {
    Object.assign(find(large, "img"), { src: image.src, alt: image.alt });
    large.showModal();
  } else if (event.target === large) {
    large.close();
  }
  const copy = event.target.closest(".copy");
  if (copy) {
    navigator.clipboard.writeText(find(copy.parentElement, "code").textContent).then(() => {
      copy.textContent = "Copied";
    });
  }
});
if (navigator.clipboard) for (const copy of findAll(document, ".copy")) copy.hidden = false;
