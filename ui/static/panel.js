// Runs once, when the reading pane is on the page. `element` is the pane, `server.get_source` gives its HTML for a
// reference; one set of listeners on the document serves every citation, copy button and report on the page.
const narrow = window.matchMedia("(max-width: 900px)");
const twoFrames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
let latest = 0;
let opener = null;

const trail = () => {
  const turn = opener && opener.closest("[data-turn], .batch-row");
  return turn ? [...turn.querySelectorAll("a.cite")] : [];
};

const close = () => {
  document.body.classList.remove("pane-open");
  if (opener && opener.isConnected) {
    opener.focus({ preventScroll: !narrow.matches });
  }
};

const walk = () => {
  const place = element.querySelector(".source-walk");
  const all = trail();
  const at = all.indexOf(opener);
  if (!place || at < 0 || all.length < 2) return;
  const step = (label, to) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = label;
    button.disabled = !all[to];
    button.addEventListener("click", () => all[to] && show(all[to], true));
    return button;
  };
  const count = document.createElement("span");
  count.className = "faint";
  count.textContent = `${at + 1} of ${all.length}`;
  place.replaceChildren(step("Previous", at - 1), count, step("Next", at + 1));
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

const show = async (link, moveFocus) => {
  const ticket = ++latest;
  if (!element.contains(link)) opener = link;
  link.setAttribute("aria-busy", "true");
  let html;
  try {
    html = await server.get_source(link.getAttribute("href").slice(5));
  } catch (error) {
    html = "<div class='source'><div class='source-head'><h2 id='source-title' tabindex='-1'>Not reachable</h2></div>" +
      "<p class='notice' role='status'>Pullquote does not answer. Is it still running?</p></div>";
  }
  link.removeAttribute("aria-busy");
  if (ticket !== latest) return;
  props.value = html;
  if (moveFocus) document.body.classList.add("pane-open");
  await twoFrames();
  document.querySelectorAll("a.cite[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  if (opener && opener.isConnected) opener.setAttribute("aria-current", "true");
  walk();
  const hit = placeMark();
  if (moveFocus) (hit || element.querySelector("#source-title"))?.focus({ preventScroll: true });
};

let silence = 0;
const say = (text) => {
  const toast = document.getElementById("pq-said");
  if (!toast) return;
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(silence);
  silence = setTimeout(() => toast.classList.remove("shown"), 3500);
};
window.pullquoteSay = say;
window.pullquoteShow = show;

const copy = async (text, done) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch (error) { // no clipboard without https or on an old browser: the selection does the same
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(done);
};

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const link = target && target.closest('a[href^="#src="]');
  if (link) {
    event.preventDefault();
    if (event.detail) link.blur();
    show(link, true);
    return;
  }
  const button = target && target.closest("button");
  if (!button) return;
  const data = button.dataset;
  if (data.close !== undefined) close();
  if (data.copy !== undefined) copy(data.copy, "Copied with its citation.");
  if (data.copyLink !== undefined) copy(location.origin + location.pathname + data.copyLink, "Link copied.");
  if (data.scope !== undefined) {
    document.body.classList.remove("pane-open");
    trigger("narrow", { post: data.scope });
  }
  if (data.report !== undefined) {
    const turn = button.closest(".turn");
    const note = turn && turn.querySelector("textarea");
    trigger("report", { turn: Number(data.turn), verdict: data.report, note: note ? note.value : "" });
    button.closest("details")?.removeAttribute("open");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && element.contains(document.activeElement)) close();
});
