// Runs once, with the head of the page: addresses and Back, the drawer, copying, and what survives a lost connection.
// The scripts of the other parts find it as `window.pullquote`.
const P = (window.pullquote ||= {});
P.ready ||= new Promise((done) => { P.arrived = done; });
P.narrow = window.matchMedia("(max-width: 900px)");
P.frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

// --- addresses: ?c= names a conversation, ?scope= a post to ask about, #tab= a tab, #src= a place in a post, #about= a
// thing of which everything that is said is shown. What is shown without being in the address is in the state of the
// entry of the history: `shown`, a place in the pane, and `filter`, what narrows the list of posts behind another tab.
const TABS = { ask: "Ask", posts: "Posts", batch: "Batch", pages: "Add pages" };
const tabButtons = () => [...document.querySelectorAll('#pq-tabs button[role="tab"]')];
const slugOf = (button) => Object.keys(TABS).find((slug) => TABS[slug] === button.textContent.trim());
P.place = () => {
  const hash = new URLSearchParams(location.hash.slice(1));
  const search = new URLSearchParams(location.search);
  return { tab: hash.get("tab") || "ask", src: hash.get("src"), about: hash.get("about"), list: hash.get("list") || "", c: search.get("c"), scope: search.get("scope") };
};
let shownAt = location.href;
P.go = (change, push) => {
  const to = { ...P.place(), ...change };
  const parts = [];
  if (to.tab && to.tab !== "ask") parts.push(`tab=${to.tab}`);
  if (to.tab === "posts" && to.list) parts.push(`list=${encodeURIComponent(to.list)}`);
  if (to.src) parts.push(`src=${to.src}`);
  if (to.about) parts.push(`about=${encodeURIComponent(to.about)}`);
  const search = new URLSearchParams("search" in change ? change.search : location.search);
  for (const name of ["c", "scope"]) {
    if (!(name in change)) continue;
    if (change[name]) search.set(name, change[name]);
    else search.delete(name);
  }
  const query = search.toString();
  const url = location.pathname + (query ? `?${query}` : "") + (parts.length ? `#${parts.join("&")}` : "");
  if (url === location.pathname + location.search + location.hash) return;
  // what is opened from the drawer takes the drawer's place, so that Back leads to what was shown before
  const pane = Boolean(to.src || to.about);
  const state = { pushed: true, pane, shown: pane ? null : P.paneNow?.() || null, filter: P.listNow?.() || "" };
  if (push) history[history.state?.drawer ? "replaceState" : "pushState"](state, "", url);
  else history.replaceState(history.state, "", url);
  shownAt = location.href;
};
P.keepShown = (ref) => history.replaceState({ ...history.state, shown: ref }, "", location.href);
P.openTab = (slug) => {
  const button = tabButtons().find((one) => slugOf(one) === slug);
  if (button && button.getAttribute("aria-selected") !== "true") button.click();
};
let following = false;
const follow = async () => {
  following = true;
  const to = P.place();
  P.openTab(to.tab);
  following = false;
  P.listAs?.(to.tab === "posts" ? to.list : history.state?.filter || "");
  if (to.about) P.showAbout?.(to.about);
  else if (to.src) await P.showPlace?.(to.src, P.narrow.matches);
  else P.restorePane?.(history.state?.shown);
  const shown = document.querySelector("#pq-log .turns")?.dataset.conversation || "";
  const scope = document.querySelector("#pq-scope .scope")?.dataset.post || "";
  if ((to.c || "") !== shown && !new URLSearchParams(location.search).has("q") && P.openSaved) P.openSaved(location.search);
  else if ((to.scope || "") !== scope) P.askOnly?.(to.scope || "", true);
};
window.addEventListener("popstate", () => {
  const before = shownAt;
  if (document.body.classList.contains("drawer-open")) {
    P.closeDrawer();
    history.replaceState(history.state, "", before);
  } else if (location.href === before) {
    history.back(); // what the drawer left when it was closed by other means
  } else {
    shownAt = location.href;
    follow();
  }
});
document.addEventListener("click", (event) => {
  const tab = event.target instanceof Element && event.target.closest('#pq-tabs button[role="tab"]');
  if (tab && !following && slugOf(tab)) P.go({ tab: slugOf(tab), list: P.listNow?.() || "" }, true);
  if (tab) P.frames().then(() => P.look?.());
}, true);
P.ready.then(async () => {
  const to = P.place();
  for (let tries = 0; tries < 100 && !tabButtons().length; tries += 1) await P.frames();
  if (to.tab !== "ask") { following = true; P.openTab(to.tab); following = false; }
  if (to.about) P.showAbout(to.about);
  else if (to.src) P.showPlace(to.src, true);
});

// before the Posts tab was first opened, its script is not there yet
P.listBy ||= (kind, value) => {
  P.listFirst = [kind, value];
  P.openTab("posts");
  P.go({ tab: "posts" }, true);
};

// --- the drawer with the saved conversations
const drawer = (open) => {
  document.body.classList.toggle("drawer-open", open);
  element.querySelector("[data-drawer]").setAttribute("aria-expanded", String(open));
  if (!open) return;
  if (!history.state?.drawer) history.pushState({ drawer: true }, "", location.href);
  document.querySelector("#pq-saved-find")?.focus();
};
P.closeDrawer = () => {
  if (!document.body.classList.contains("drawer-open")) return;
  const inside = document.querySelector("#pq-side")?.contains(document.activeElement);
  drawer(false);
  if (inside) element.querySelector("[data-drawer]").focus();
};
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-drawer]")) drawer(!document.body.classList.contains("drawer-open"));
  // a click by a script must not close it: deleting the open conversation begins a new one
  else if (event.isTrusted && !event.target.closest("#pq-side")) P.closeDrawer();
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") P.closeDrawer(); });

// --- saying and copying
let silence = 0;
P.say = (text) => {
  const toast = document.getElementById("pq-said");
  if (!toast) return;
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(silence);
  silence = setTimeout(() => toast.classList.remove("shown"), 3500);
};
P.copy = async (text, done) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch (error) { // without https, or in an old browser, there is no clipboard: copy the selection instead
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  P.say(done);
};
P.save = (file) => {
  if (!file) return;
  const link = document.createElement("a");
  link.href = file.url;
  link.download = file.orig_name || "";
  document.body.append(link);
  link.click();
  link.remove();
};

// --- asking: the question is shown at once in the place of its answer, and is kept until the answer arrives
const KEPT = "pullquote-question";
// if the page has no accounts, saved conversations belong to this browser, by a key that it makes for itself
const key = () => {
  try {
    let known = localStorage.getItem("pullquote-browser");
    if (!known) {
      known = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      localStorage.setItem("pullquote-browser", known);
    }
    return known;
  } catch (error) { // the browser stores nothing, so nothing is saved
    return "";
  }
};
// answers without the reader: this browser's choice, unless the page was started with --fast
const fast = () => document.querySelector("#pq-fast");
P.state = (more) => JSON.stringify({ search: location.search, browser: key(), fast: fast()?.checked === true, ...more });
P.askClosely = (question) => {
  fast().checked = false;
  fast().dispatchEvent(new Event("change", { bubbles: true }));
  P.askNow(question);
};
const box = () => document.querySelector("#pq-box textarea");
const sender = () => document.querySelector("#pq-box .submit-button");
let edited = null;
let tries = 0;
let taken = 0;
P.write = (words) => {
  const area = box();
  if (!area) return;
  area.value = words;
  area.dispatchEvent(new Event("input", { bubbles: true }));
};
P.askNow = async (question) => {
  P.openTab("ask");
  P.write(question);
  await P.frames();
  sender()?.click();
  insist();
};
P.edit = (order, question) => {
  edited = order;
  P.write(question);
  document.body.classList.add("editing");
  P.say("Change the question and press Enter. It starts a new conversation; this one does not change.");
  const area = box();
  area.focus();
  area.setSelectionRange(question.length, question.length);
};
P.stopEditing = () => { edited = null; document.body.classList.remove("editing"); };
// the question where its answer will be; returns the line that shows its progress
const pending = (words) => {
  const log = document.querySelector("#pq-log");
  // while the page is still opening, there is neither a conversation nor a welcome
  const host = log.querySelector(".turns, .welcome") || log.querySelector(".html-container > div") || log;
  host.querySelector(".pending")?.remove();
  const turn = document.createElement("article");
  turn.className = "turn pending";
  const title = document.createElement("h2");
  title.className = "question";
  title.dir = "auto";
  title.textContent = words;
  const wait = document.createElement("p");
  wait.className = "verdict";
  wait.setAttribute("role", "status");
  wait.textContent = "Searching the posts";
  turn.append(title, wait);
  if (host.classList.contains("welcome")) host.replaceChildren(turn);
  else host.append(turn);
  turn.scrollIntoView({ block: "start" });
  setTimeout(() => { if (turn.matches(".pending") && wait.isConnected && !wait.dataset.failed) wait.textContent = "Reading the closest posts"; }, 600);
  return wait;
};
P.asking = (question, turns, scope, window_) => {
  taken += 1;
  const words = question.trim();
  if (words) {
    if (edited !== null) {
      for (const turn of document.querySelectorAll("#pq-log :is(.turn, .stale)")) if (Number(turn.dataset.turn) >= edited) turn.remove();
    }
    pending(words);
    sessionStorage.setItem(KEPT, JSON.stringify({ words, at: Date.now() }));
    P.write(""); // a long question made the box higher: it shrinks now, not when the answer arrives
  }
  const place = P.state({ edit: edited });
  P.stopEditing();
  return [question, turns, scope, window_, place];
};
// While gradio withdraws the question of a conversation that was left, it ignores the next one, which is asked again here.
let pressed = 0;
const insist = async () => {
  const words = box()?.value;
  if (!words?.trim()) return;
  const before = taken;
  const last = (pressed += 1);
  for (let again = 0; again < 60; again += 1) {
    await new Promise((done) => setTimeout(done, 500));
    if (last !== pressed || taken !== before || box()?.value !== words || document.querySelector("#pq-log .turn.pending")) return;
    sender()?.click();
  }
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target === box()) insist();
}, true);
document.addEventListener("pointerdown", (event) => { if (sender()?.contains(event.target)) insist(); }, true);
// true if this window was waiting for the answer
P.answered = () => {
  tries = 0;
  const waited = sessionStorage.getItem(KEPT) !== null;
  sessionStorage.removeItem(KEPT);
  return waited;
};
// the page waits for this function's result before it accepts the question again, so it must return no promise
P.failed = async () => {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  if (!kept) return;
  const wait = document.querySelector("#pq-log .pending .verdict") || pending(kept.words); // the log was redrawn meanwhile
  wait.dataset.failed = "true";
  wait.textContent = "There is no answer yet: Pullquote is busy or was stopped. The question is kept, and asked again as soon as possible.";
  tries += 1;
  for (let pause = 1000 * tries; ; pause = 2000) {
    await new Promise((done) => setTimeout(done, pause));
    if (!wait.isConnected) return;
    try {
      await P.reader("now");
      break;
    } catch (error) { /* not yet */ }
  }
  if (tries > 8 || !(await askUntilTaken(kept))) {
    wait.textContent = "There was no answer. Ask again in a moment.";
    P.write(kept.words);
  }
};
// The page accepts no question until it has finished with the failed one; true once this one is on its way.
const askUntilTaken = async (kept) => {
  for (let again = 0; again < 30; again += 1) {
    await P.askNow(kept.words);
    await new Promise((done) => setTimeout(done, 1500));
    const now = JSON.parse(sessionStorage.getItem(KEPT) || "null");
    if (!now || now.at !== kept.at) return true;
  }
  return false;
};
// a question that was on its way when the page was reloaded
P.opened = () => {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  if (!kept) return;
  // invisible characters at the ends of a question are trimmed by other rules on the server
  const seen = (words) => words.replace(/[\s\p{C}\ufffd]+/gu, "");
  const asked = [...document.querySelectorAll("#pq-log .turn .question")].map((one) => seen(one.textContent));
  if (asked.includes(seen(kept.words)) || Date.now() - kept.at > 600000) P.answered();
  else askUntilTaken(kept);
};
// arrow up in an empty box brings earlier questions back
let recalled = -1;
document.addEventListener("keydown", (event) => {
  const area = box();
  if (event.target !== area || !area) return;
  if (event.key === "Escape" && edited !== null) { P.stopEditing(); P.write(""); return; }
  const asked = [...document.querySelectorAll("#pq-log .turn .question")].map((one) => one.textContent).reverse();
  if (event.key === "ArrowUp" && asked.length && (area.value === "" || area.value === asked[recalled])) {
    recalled = Math.min(recalled + 1, asked.length - 1);
  } else if (event.key === "ArrowDown" && recalled >= 0 && area.value === asked[recalled]) {
    recalled -= 1;
  } else {
    if (event.key.length === 1) recalled = -1;
    return;
  }
  event.preventDefault();
  P.write(recalled < 0 ? "" : asked[recalled]);
}, true);
