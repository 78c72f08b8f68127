// Runs once, when the Posts tab is first opened: the list, which draws only the rows in view, its filters, and the
// picture of the heap. Rows and figures come from the reading pane's server function.
const P = (window.pullquote ||= {});
P.ready ||= new Promise((done) => { P.arrived = done; });
const at = (selector) => element.querySelector(selector);
const list = at(".post-rows");
const scroll = at(".post-scroll");
const STEP = 40;
const LATE_MS = 500;
const AGAIN_MS = 1000; // until topics are asked for again while they are being found
const ALL = { find: "", author: "", source: "", topic: "", kind: "", order: "best", first_year: null, last_year: null };
const FIELDS = { "#pq-find": "find", "#pq-order": "order", "#pq-author": "author", "#pq-from": "source", "#pq-kind": "kind" };
const wanted = { ...ALL };
let pages = new Map();
let total = 0;
let ticket = 0;
let read = ""; // the search as it was read: with the spelling of the posts

const rowHeight = () => {
  const probe = document.createElement("li");
  probe.className = "post-row";
  list.append(probe);
  const height = probe.getBoundingClientRect().height;
  probe.remove();
  return height || 112;
};

const asked = async (more) => {
  await P.ready;
  return JSON.parse(await P.reader({ posts: { ...wanted, ...more } }));
};

// nothing can be listed, for instance because the server of the index is away
const refused = (found) => {
  if (found.problem) at(".posts-count").textContent = found.problem;
  return Boolean(found.problem);
};

// Pullquote does not respond: what was asked for is asked again as soon as it does.
let lost = false;
const missed = () => {
  lost = true;
  at(".posts-count").textContent = "Pullquote does not respond. The list is read again as soon as it does.";
};
P.listLost = () => { if (lost) look(true); };
const renewing = (now) => scroll.setAttribute("aria-busy", String(now));

const page = async (number) => {
  if (pages.has(number)) return;
  pages.set(number, null);
  const mine = ticket;
  const found = await asked({ first: number * STEP, count: STEP, find: read }).catch(() => null);
  if (mine !== ticket) return;
  if (!found) missed();
  else if (refused(found)) pages.delete(number);
  else pages.set(number, found.rows);
  draw();
};

const draw = () => {
  const height = rowHeight();
  list.style.height = `${total * height}px`;
  const first = Math.max(Math.floor(scroll.scrollTop / height) - 6, 0);
  const last = Math.min(Math.ceil((scroll.scrollTop + scroll.clientHeight) / height) + 6, total);
  const there = new Map([...list.children].map((row) => [Number(row.dataset.row), row]));
  for (const [number, row] of there) {
    if ((number < first || number >= last) && !row.contains(document.activeElement)) row.remove();
  }
  for (let number = first; number < last; number += 1) {
    const rows = pages.get(Math.floor(number / STEP));
    if (!rows) {
      page(Math.floor(number / STEP));
      continue;
    }
    if (there.has(number)) continue;
    const row = document.createElement("li");
    row.className = "post-row";
    row.dataset.row = number;
    row.setAttribute("aria-setsize", total);
    row.setAttribute("aria-posinset", number + 1);
    row.style.top = `${number * height}px`;
    row.innerHTML = rows[number % STEP] ?? ""; // escaped by the server
    const after = [...list.children].find((other) => Number(other.dataset.row) > number);
    list.insertBefore(row, after || null);
  }
};

// The row of a number, drawn and in view: its link.
P.postAt = async (number) => {
  const height = rowHeight();
  const top = number * height;
  if (top < scroll.scrollTop || top + height > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top;
  for (let tries = 0; tries < 600; tries += 1) {
    draw();
    const link = list.querySelector(`[data-row="${number}"] a.post-title`);
    if (link) return link;
    await P.frames();
  }
  return null;
};
P.listFound = () => read;

// What narrows the list stands in the address, as it would be asked for.
P.listNow = () => new URLSearchParams(Object.entries(wanted).filter(([name, value]) => value && value !== ALL[name])).toString();
const show = () => {
  for (const [field, name] of Object.entries(FIELDS)) at(field).value = wanted[name];
  press();
};
const want = (query) => {
  const given = new URLSearchParams(query);
  for (const name of Object.keys(ALL)) {
    const value = given.get(name);
    wanted[name] = value === null ? ALL[name] : ALL[name] === null ? Number(value) || null : value;
  }
  show();
};
P.listAs = (query) => {
  if (query === P.listNow()) return;
  want(query);
  typed = false;
  look();
};

const timeline = (years) => {
  const host = at(".timeline");
  host.replaceChildren();
  host.hidden = years.length < 2;
  if (host.hidden) return;
  const most = Math.max(...years.map(([, count]) => count));
  const known = new Map(years);
  for (let year = years[0][0]; year <= years[years.length - 1][0]; year += 1) {
    const count = known.get(year) || 0;
    const bar = document.createElement("button");
    bar.type = "button";
    bar.className = "year";
    bar.disabled = !count;
    bar.setAttribute("aria-label", `${year}: ${count.toLocaleString()} posts`);
    bar.title = `${bar.getAttribute("aria-label")} (Shift and click: up to this year)`;
    bar.setAttribute("aria-pressed", String(wanted.first_year !== null && year >= wanted.first_year && year <= wanted.last_year));
    const fill = document.createElement("span");
    fill.style.height = `${count ? Math.max(100 * count / most, 4) : 0}%`;
    bar.append(fill);
    bar.addEventListener("click", (event) => {
      const alone = wanted.first_year === year && wanted.last_year === year;
      if (event.shiftKey && wanted.first_year !== null) {
        wanted.first_year = Math.min(wanted.first_year, year);
        wanted.last_year = Math.max(wanted.last_year, year);
      } else {
        wanted.first_year = alone ? null : year;
        wanted.last_year = alone ? null : year;
      }
      choose();
    });
    host.append(bar);
  }
  const end = (year) => Object.assign(document.createElement("span"), { className: "faint", textContent: year });
  host.prepend(end(years[0][0]));
  host.append(end(years[years.length - 1][0]));
};

// What is counted is said, because a question counts otherwise: sentences that mention a thing, in any form of its words.
const TOPICAL = "in the title or more than once near the beginning";
const quoted = (words) => words.map((word) => `“${word}”`).join(", ").replace(/, (?=“[^“]*$)/, " and ");
const counted = (found) => {
  const { find, first_year: first, last_year: last, author, source, topic, kind } = wanted;
  const taken = found.read_as.map(([written, meant]) => `“${written}” read as “${meant}”. `).join("");
  if (!found.total) return taken + (find && !(first || author || source || topic || kind) ? "No post has all of these words." : "No post is all of this.");
  const years = first === null ? "" : first === last ? ` from ${first}` : ` from ${first} to ${last}`;
  const noun = found.of === 1 ? "post" : "posts";
  const one = found.total === 1;
  const about = topic ? ` ${one ? "has" : "have"} “${topic}” ${TOPICAL}` : "";
  const words = found.words.length ? ` ${one ? "contains" : "contain"} ${quoted(found.words)}, also inside longer words` : "";
  const said = about && words ? `${about}, and${words}` : about + words;
  if (said || found.total < found.of) return `${taken}${found.total.toLocaleString()} of ${found.of.toLocaleString()} ${noun}${years}${said}`;
  return `${found.total.toLocaleString()} ${noun}${years} on ${found.pages.toLocaleString()} ${found.pages === 1 ? "page" : "pages"}`;
};

// A new search begins at the top; the same list, read again because the posts changed, keeps its position.
// `push` makes it an entry of the history, which Back undoes.
const look = async (stay = false, push = false) => {
  const mine = ++ticket;
  renewing(true); // what is listed is not yet what was asked for
  // the first search after the start reads all texts
  const late = setTimeout(() => { if (mine === ticket) at(".posts-count").textContent = "Reading the posts …"; }, LATE_MS);
  const found = await asked({ first: 0, count: STEP }).catch(() => null).finally(() => clearTimeout(late));
  if (mine !== ticket) return;
  if (!found) {
    missed();
    return;
  }
  lost = false;
  renewing(false);
  if (refused(found)) return;
  pages = new Map([[0, found.rows]]);
  total = found.total;
  read = found.find;
  list.replaceChildren();
  if (!stay) scroll.scrollTop = 0;
  at(".posts-count").textContent = counted(found);
  const narrowed = P.listNow();
  at("[data-all]").hidden = !narrowed || narrowed === `order=${wanted.order}`;
  const chosen = [...new URLSearchParams(narrowed).keys()].filter((name) => !["find", "last_year"].includes(name)).length;
  at(".sift-fold").textContent = chosen ? `Filter (${chosen})` : "Filter";
  if (P.place().tab === "posts") P.go({ list: narrowed }, push);
  timeline(found.years);
  draw();
  P.listDrawn?.();
};

let typed = false; // the entry of the history was made by typing: more letters belong to it
const choose = () => { typed = false; look(false, true); };

const facets = async () => {
  const known = await asked({ facets: true });
  if (refused(known)) return;
  const fill = (selector, names, chosen) => {
    const field = at(selector);
    field.hidden = !names.length;
    field.replaceChildren(field.options[0]);
    for (const [name, count] of names) field.append(new Option(`${name} (${count.toLocaleString()})`, name));
    field.value = chosen;
  };
  fill("#pq-author", known.authors, wanted.author);
  fill("#pq-from", known.sources, wanted.source);
  for (const option of at("#pq-kind").options) option.hidden = Boolean(option.value) && !known.kinds[option.value];
  topics(known.topics);
};

let waiting = 0;
const topics = (known) => {
  clearTimeout(waiting);
  const host = at(".topics");
  host.replaceChildren(...known ? [] : [Object.assign(document.createElement("p"), { className: "faint", textContent: "Looking for topics …" })]);
  if (!known) waiting = setTimeout(async () => topics((await asked({ facets: true })).topics), AGAIN_MS);
  for (const [name, count] of known ?? []) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.dataset.topic = name;
    chip.textContent = name;
    chip.append(Object.assign(document.createElement("span"), { className: "chip-count", textContent: ` ${count.toLocaleString()}` }));
    chip.title = `${count.toLocaleString()} ${count === 1 ? "post" : "posts"}, with it ${TOPICAL}`;
    chip.setAttribute("aria-pressed", String(wanted.topic === name));
    host.append(chip);
  }
  if (!host.querySelector(".chip")) return;
  const more = Object.assign(document.createElement("button"), { type: "button", className: "quiet", hidden: true });
  more.dataset.topics = "";
  host.append(more);
  fit();
};

// Topics take one line, so that the list has the room: those that do not fit are behind a button.
const fit = () => {
  const host = at(".topics");
  const more = host.querySelector("[data-topics]");
  if (!more) return;
  const chips = [...host.querySelectorAll(".chip")];
  const [first] = chips;
  const below = (one) => one.offsetTop > first.offsetTop + first.offsetHeight / 2;
  for (const chip of chips) chip.hidden = false;
  more.hidden = !chips.some(below);
  const open = host.classList.contains("all");
  more.setAttribute("aria-expanded", String(open));
  more.textContent = open ? "Fewer topics" : `All ${chips.length.toLocaleString()} topics`;
  if (more.hidden || open) return;
  for (const chip of chips.reverse()) {
    if (!below(more)) break;
    chip.hidden = chip.getAttribute("aria-pressed") !== "true";
  }
};
let wide = 0;
new ResizeObserver(([{ contentRect }]) => {
  if (contentRect.width === wide) return;
  wide = contentRect.width;
  requestAnimationFrame(fit);
}).observe(at(".topics"));

const press = () => {
  for (const chip of element.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", String(chip.dataset.topic === wanted.topic));
  fit();
};

let typing = 0;
element.addEventListener("input", (event) => {
  if (event.target.id !== "pq-find") return;
  clearTimeout(typing);
  renewing(true);
  typing = setTimeout(() => { wanted.find = event.target.value; look(false, !typed); typed = true; }, 120);
});
element.addEventListener("change", (event) => {
  const name = FIELDS[`#${event.target.id}`];
  if (!name || name === "find") return;
  wanted[name] = event.target.value;
  choose();
});
element.addEventListener("click", (event) => {
  if (event.target.closest("[data-all]")) {
    want(`order=${wanted.order}`);
    choose();
    at("#pq-find").focus();
  }
  if (event.target.closest("[data-topics]")) {
    at(".topics").classList.toggle("all");
    fit();
  }
  const fold = event.target.closest(".sift-fold");
  if (fold) fold.setAttribute("aria-expanded", String(at(".sift").classList.toggle("open")));
  const chip = event.target.closest(".chip");
  if (chip) {
    wanted.topic = wanted.topic === chip.dataset.topic ? "" : chip.dataset.topic;
    press();
    choose();
  }
});
at("#pq-find").addEventListener("blur", () => { typed = false; });
let drawing = false;
scroll.addEventListener("scroll", () => {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; draw(); });
});
// what is above the list arrives late and makes it shorter: a reader at its end stays there
let tall = scroll.clientHeight;
new ResizeObserver(() => {
  const ended = scroll.scrollTop > 0 && scroll.scrollTop + tall >= scroll.scrollHeight - 1;
  tall = scroll.clientHeight;
  list.replaceChildren();
  draw();
  if (ended) scroll.scrollTop = scroll.scrollHeight;
}).observe(scroll);

// the picture: posts are named under the pointer, and a click shows them in the list
const pointed = (event) => {
  const svg = event.target.closest(".picture svg");
  if (!svg) return null;
  const rows = JSON.parse(svg.parentElement.dataset.rows);
  const box = svg.getBoundingClientRect();
  return rows[Math.min(Math.floor((event.clientY - box.top) / box.height * rows.length), rows.length - 1)];
};
const fold = at(".heap-fold");
const picture = async () => {
  await P.ready;
  at(".heap-picture").innerHTML = await P.reader({ picture: true }); // escaped by the server
};
fold.addEventListener("toggle", async () => {
  if (!fold.open) return;
  await picture();
  fold.scrollIntoView({ block: "nearest" }); // it opens below the list, where nothing of it may be in view
});
element.addEventListener("pointermove", (event) => {
  const here = pointed(event);
  if (here) element.querySelector(".picture .pointed").textContent = here[1];
});
element.addEventListener("click", async (event) => {
  const here = pointed(event);
  if (!here) return;
  want("");
  await look();
  scroll.scrollTop = here[0] * rowHeight();
  scroll.scrollIntoView({ block: "nearest" });
});

P.listPosts = () => { look(true); facets(); if (fold.open) picture(); };
const listBy = (kind, value) => {
  want(new URLSearchParams({ [kind]: value }));
  look();
};
P.listBy = (kind, value) => { P.openTab("posts"); P.go({ tab: "posts" }, true); listBy(kind, value); };
want(P.place().list);
if (P.listFirst) listBy(...P.listFirst);
else look();
facets();
