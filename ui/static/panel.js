// Runs once, when the reading pane is on the page. `element` is the pane; `server.get_source` returns its HTML for a
// reference, and everything else that is read. One set of listeners serves every citation, copy button and report of the page.
const P = (window.pullquote ||= {});
P.ready ||= new Promise((done) => { P.arrived = done; });
P.reader = (wanted) => server.get_source(wanted);
const narrow = window.matchMedia("(max-width: 900px)");
let latest = 0;
let opener = null;
let shownRef = null;
let shownFind = ""; // the words searched for that are marked in it
let overview = null; // everything said about a thing, while a place opened from it is shown

const refOf = (link) => (link.dataset.open || link.getAttribute("href")).slice(5);
const trail = () => {
  const turn = opener && opener.closest("[data-turn], .batch-row");
  return turn ? [...turn.querySelectorAll("a.cite")] : [];
};
// the row in the list of posts, which draws only those in view
const rowOf = (link) => link && link.closest(".post-row");

P.closePane = () => {
  document.body.classList.remove("pane-open");
  if (opener && opener.isConnected && element.contains(document.activeElement)) {
    opener.focus({ preventScroll: !narrow.matches });
  }
};
const close = () => {
  if (history.state?.pushed && history.state.pane && (P.place().src || P.place().about)) {
    history.back();
    return;
  }
  P.closePane();
  P.go({ src: null, about: null }, false);
};

const backToOverview = async () => {
  const { html, top } = overview;
  latest += 1;
  shownRef = null;
  props.value = html;
  document.body.classList.add("pane-open");
  await P.frames();
  element.querySelector(".source-scroll").scrollTop = top;
  element.querySelector("#source-title").focus({ preventScroll: true });
};
const toOverview = (place) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = `Everything about ${overview.subject}`;
  button.addEventListener("click", () => {
    P.go({ src: null, about: overview.subject }, true);
    backToOverview();
  });
  place.replaceChildren(button);
};
const askAbout = (subject) => {
  latest += 1;
  overview = null;
  shownRef = null;
  asksAbout = true;
  trigger("about", { subject });
};
P.showAbout = (subject) => {
  if (overview?.subject === subject) backToOverview();
  else if (element.querySelector("[data-about-shown]")?.dataset.aboutShown === subject) document.body.classList.add("pane-open");
  else askAbout(subject);
};
const walk = () => {
  const place = element.querySelector(".source-walk");
  if (place && overview) {
    toOverview(place);
    return;
  }
  const row = rowOf(opener);
  const all = trail();
  const at = row ? Number(row.dataset.row) : all.indexOf(opener);
  const count = row ? Number(row.getAttribute("aria-setsize")) : all.length;
  if (!place || at < 0 || count < 2) return;
  const step = (label, to) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = label;
    button.disabled = to < 0 || to >= count;
    button.addEventListener("click", async () => {
      const link = row ? await P.postAt(to) : all[to];
      if (link) show(link, true, "replace");
    });
    return button;
  };
  const where = document.createElement("span");
  where.className = "faint";
  where.textContent = `${(at + 1).toLocaleString()} of ${count.toLocaleString()}`;
  place.replaceChildren(step("Previous", at - 1), where, step("Next", at + 1));
};

const placeMark = () => {
  const box = element.querySelector(".source-scroll");
  if (!box) return null;
  const hit = box.querySelector("#hit") || box.querySelector(".source-page .chunk");
  if (!hit) {
    box.scrollTop = 0;
    return null;
  }
  const top = hit.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
  const room = box.clientHeight - hit.getBoundingClientRect().height;
  box.scrollTop = Math.max(top - Math.max(room / 3, 24), 0);
  return hit.id === "hit" ? hit : null;
};

// Shows a place; `also` are the other quotes of its answer. Returns true unless something newer was requested meanwhile.
const draw = async (ref, also, moveFocus) => {
  const ticket = ++latest;
  const find = rowOf(opener) ? P.listFound() : "";
  let html;
  try {
    html = await server.get_source({ ref, also, find });
  } catch (error) {
    html = "<div class='source'><div class='source-head'><h2 id='source-title' tabindex='-1'>Not reachable</h2></div>" +
      "<p class='notice' role='status'>Pullquote does not respond. Is it still running?</p></div>";
  }
  if (ticket !== latest) return false;
  shownRef = ref;
  shownFind = find;
  props.value = html;
  pane().classList.remove("dimmed");
  if (moveFocus) document.body.classList.add("pane-open");
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  document.querySelectorAll("a[aria-current].cite, .quote.current").forEach((other) => {
    other.removeAttribute("aria-current");
    other.classList.remove("current");
  });
  if (opener && opener.isConnected && opener.matches("a.cite")) {
    opener.setAttribute("aria-current", "true");
    opener.closest(".quote")?.classList.add("current");
  }
  walk();
  const hit = placeMark();
  if (moveFocus) (hit || element.querySelector("#source-title"))?.focus({ preventScroll: true });
  return true;
};

const show = async (link, moveFocus, step) => {
  if (!element.contains(link)) {
    opener = link;
    overview = null;
  }
  const about = element.querySelector("[data-about-shown]");
  if (about?.contains(link)) {
    overview = { html: props.value, subject: about.dataset.aboutShown, top: about.querySelector(".source-scroll").scrollTop };
  }
  const ref = refOf(link);
  if (step) P.go({ src: ref, about: null }, (step === "push" || Boolean(P.place().about)) && P.place().src !== ref);
  else P.keepShown(ref);
  link.setAttribute("aria-busy", "true");
  await draw(ref, trail().map(refOf), moveFocus);
  link.removeAttribute("aria-busy");
};
P.show = show;

// From an address: the citation on the page that names the place, if there is one, is taken as what it was opened from.
P.showPlace = async (ref, moveFocus) => {
  const link = [...document.querySelectorAll("#pq-work a.cite, #pq-work a.post-title")].find((one) => refOf(one) === ref);
  opener = link || opener;
  if (await draw(ref, link ? trail().map(refOf) : [], moveFocus)) P.listDrawn();
};

// After a reload or Back the list may be drawn later than the post that was opened from it: then its row takes the
// post over, with the words that are searched for and the way to the next one.
P.listDrawn = () => {
  if (!shownRef || P.place().src !== shownRef || P.place().tab !== "posts" || (opener && opener.isConnected)) return;
  const link = [...document.querySelectorAll("#pq-work a.post-title")].find((one) => refOf(one) === shownRef);
  if (!link) return;
  opener = link;
  if (shownFind === P.listFound()) walk();
  else draw(shownRef, [], element.contains(document.activeElement));
};

// A refusal has no source; what the pane shows belongs to an earlier answer.
const pane = () => document.getElementById("pq-source");
P.dim = () => pane().classList.toggle("dimmed", shownRef !== null);
const empty = props.value;
P.paneNow = () => shownRef;
// What an entry of the history shows in the pane without having it in its address.
P.restorePane = (ref) => {
  P.closePane();
  if (!ref) P.clearPane();
  else if (ref !== shownRef || asksAbout) P.showPlace(ref, false);
};
P.clearPane = () => {
  latest += 1;
  shownRef = null;
  overview = null;
  opener = null;
  pane().classList.remove("dimmed");
  props.value = empty;
  P.keepShown(null);
};
P.askOnly = (post, stay) => trigger("narrow", { post, stay });

P.refresh = (news) => {
  trigger("refresh", {});
  if (news) P.listPosts?.();
  if (news && shownRef) draw(shownRef, trail().map(refOf), false);
};

const onButton = (button) => {
  const data = button.dataset;
  if (data.close !== undefined) close();
  if (data.copy !== undefined) P.copy(data.copy, "Copied with its citation.");
  if (data.copyLink !== undefined) P.copy(location.origin + location.pathname + data.copyLink, "Link copied.");
  if (data.copyPlace !== undefined) {
    P.copy(`${location.origin}${location.pathname}#src=${data.copyPlace}`, "Link to this place copied.");
  }
  if (data.again !== undefined) P.askNow(data.again);
  if (data.alone !== undefined) P.askAlone(data.alone);
  if (data.edit !== undefined) P.edit(Number(data.edit), button.closest(".turn").querySelector(".question").textContent);
  if (data.about !== undefined) {
    opener = button;
    button.setAttribute("aria-busy", "true");
    P.go({ src: null, about: data.about }, true);
    askAbout(data.about);
  }
  if (data.closely !== undefined) P.askClosely(data.closely);
  if (data.list !== undefined) P.listBy?.(data.list, data.value);
  if (data.scope !== undefined) {
    document.body.classList.remove("pane-open");
    P.go({ scope: data.scope || null, src: null, about: null, tab: "ask" }, true);
    P.openTab("ask");
    P.askOnly(data.scope, false);
    P.frames().then(() => document.querySelector("#pq-box textarea")?.focus());
  }
  if (data.report !== undefined) {
    const turn = button.closest(".turn");
    const note = data.quote ? null : turn && turn.querySelector("textarea");
    trigger("report", { turn: Number(turn.dataset.turn), verdict: data.report, note: note ? note.value : "", quote: data.quote || "" });
    button.closest("details")?.removeAttribute("open");
  }
};

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = target.closest('a[href^="#src="]');
  if (link) {
    event.preventDefault();
    if (event.detail) link.blur();
    show(link, true, element.contains(link) ? "replace" : "push");
    return;
  }
  const other = target.closest("mark.also");
  if (other) {
    const from = trail().find((one) => one.getAttribute("href") === other.dataset.open);
    if (from) {
      show(from, true, "replace");
    } else { // a word that was searched for
      P.go({ src: refOf(other) }, false);
      draw(refOf(other), [], true);
    }
    return;
  }
  const words = target.closest("#pq-log .quote .words");
  if (words && String(getSelection()) === "") {
    show(words.closest(".quote").querySelector("a.cite"), false, "push");
    if (narrow.matches) document.body.classList.add("pane-open");
    return;
  }
  const button = target.closest("button");
  if (button) onButton(button);
});

// Everything said about a thing is requested like a question, so it waits for its turn.
let asksAbout = false;
watch("value", () => {
  if (!asksAbout || !element.querySelector("#source-title")) return;
  asksAbout = false;
  document.querySelectorAll("[data-about][aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
  if (!P.place().about) { // left before it came
    P.restorePane(P.place().src || history.state?.shown);
    return;
  }
  pane().classList.remove("dimmed");
  document.body.classList.add("pane-open");
  P.frames().then(() => {
    const box = element.querySelector(".source-scroll");
    if (box) box.scrollTop = 0; // the position of the place shown before
    element.querySelector("#source-title")?.focus({ preventScroll: true });
  });
});

// Words selected in the pane can be copied with their citation.
const taker = document.createElement("button");
taker.type = "button";
taker.className = "taker";
taker.textContent = "Copy with citation";
taker.hidden = true;
document.body.append(taker);
let selected = "";
// The button stays with the words: over other words it would seem to copy those.
const placeTaker = () => {
  if (!selected) return;
  const box = getSelection().getRangeAt(0).getBoundingClientRect();
  const view = element.querySelector(".source-scroll").getBoundingClientRect();
  taker.hidden = box.bottom < view.top || box.top > view.bottom;
  taker.style.left = `${Math.max(Math.min(box.left + box.width / 2, innerWidth - 90), 90)}px`;
  taker.style.top = `${Math.max(box.top - 44, view.top - 44, 8)}px`;
};
document.addEventListener("selectionchange", () => {
  const now = getSelection();
  const text = now && now.rangeCount ? String(now).trim() : "";
  const home = now && now.anchorNode && element.querySelector(".source-text")?.contains(now.anchorNode);
  selected = home ? text : "";
  taker.hidden = !selected;
  placeTaker();
});
document.addEventListener("scroll", placeTaker, true);
window.addEventListener("resize", placeTaker);
taker.addEventListener("pointerdown", (event) => event.preventDefault());
taker.addEventListener("click", () => {
  P.copy(`“${selected}” (${element.querySelector(".source")?.dataset.cite || ""})`, "Copied with its citation.");
  selected = "";
  taker.hidden = true;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && element.contains(document.activeElement)) close();
});
P.arrived();
