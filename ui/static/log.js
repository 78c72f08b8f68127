// Runs once, when the conversation is on the page: after each answer it scrolls the question to the top of the view,
// opens the first citation beside it, keeps open folds open and puts the conversation into the address.
const P = (window.pullquote ||= {});
const folds = new Set();
const nameOf = (fold) => (fold.closest(".turn")?.id || "") + fold.dataset.fold;
element.addEventListener("toggle", (event) => {
  if (!event.target.dataset.fold) return;
  const name = nameOf(event.target);
  // a note is written at the foot of an answer, where its fold opens out of sight; one that was open
  // before the conversation was redrawn stays where it is
  if (event.target.matches(".report[open]") && !folds.has(name)) {
    event.target.scrollIntoView({ block: "nearest" });
    event.target.querySelector("textarea").focus({ preventScroll: true });
  }
  if (event.target.open) folds.add(name);
  else folds.delete(name);
}, true);

let count = 0;
let conversation = null;
let first = true;
watch("value", () => {
  // a fold is known by its place in its conversation
  if ((element.querySelector(".turns")?.dataset.conversation ?? "") !== conversation) folds.clear();
  for (const fold of element.querySelectorAll("details[data-fold]")) {
    if (folds.has(nameOf(fold))) fold.open = true;
  }
  const turns = element.querySelectorAll(".turn");
  const last = turns[turns.length - 1];
  const opening = first;
  first = false;
  if (!last) {
    if (count) {
      for (let box = element; box; box = box.parentElement) box.scrollTop = 0; // where the last answer was read
      P.go?.({ search: "", src: null, about: null }, false);
      P.clearPane?.();
    }
    count = 0;
    conversation = "";
    if (opening) P.opened?.();
    else P.answered?.(); // a question that was on its way belongs to the previous conversation
    return;
  }
  const now = element.querySelector(".turns").dataset.conversation;
  const same = now === conversation;
  const grown = turns.length !== count || now !== conversation || last.querySelector(".question").textContent !== element.dataset.last;
  count = turns.length;
  conversation = now;
  element.dataset.last = last.querySelector(".question").textContent;
  if (opening) P.opened?.();
  const own = !opening && grown && P.answered?.();
  if (!grown) return; // redrawn because the index changed
  if (!opening && same && !own) return; // asked in another window: nothing moves here
  P.go?.(now ? { search: "", c: now, scope: P.place().scope, ...(own ? { src: null, about: null } : {}) } : { search: last.dataset.link || location.search }, false);
  if (own || opening) P.tell?.(own ? now : "");
  P.listMark?.();
  last.scrollIntoView({ block: "start" });
  // posts near a refused question are not its source
  const cite = last.querySelector(".card a.cite:not(.cite-closest)") ?? (last.querySelector(".refusal") ? null : last.querySelector(".found-posts a.cite"));
  const narrow = window.matchMedia("(max-width: 900px)").matches;
  const { src, about } = P.place();
  const kept = !own && !opening && (src || history.state?.shown); // another conversation, as it was left
  if (kept) P.showPlace?.(kept, narrow && Boolean(src));
  else if (cite && P.show && !narrow && !src && !about) P.show(cite, false);
  else if (!cite) P.dim?.();
});

// the index may be rebuilt by another window or program
P.look = async () => {
  if (document.visibilityState !== "visible" || document.querySelector("#pq-log .turn.pending")) return;
  let now;
  try { now = JSON.parse(await P.reader("now")); } catch (error) { return; }
  const news = P.generation !== undefined && now.generation !== P.generation;
  P.generation = now.generation;
  P.listLost?.();
  const watching = document.getElementById("pq-watching");
  if (watching && watching.textContent !== now.watching) watching.textContent = now.watching;
  const found = (now.ready && document.querySelector("#pq-log .suggesting")) || (now.topics && document.querySelector("#pq-log .finding-topics"));
  if (news || found) P.refresh?.(news);
};
P.ready.then(() => { P.look(); setInterval(P.look, 4000); });
window.addEventListener("focus", P.look);
document.addEventListener("visibilitychange", P.look);
