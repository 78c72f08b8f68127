// Runs once, when the conversation is on the page: after each answer it brings the question to the top of the view,
// opens the first citation beside it, keeps open folds open and puts the question into the address.
const folds = new Set();
const nameOf = (fold) => fold.closest(".turn").id + fold.dataset.fold;
element.addEventListener("toggle", (event) => {
  if (!event.target.dataset.fold) return;
  const name = nameOf(event.target);
  if (event.target.open) folds.add(name);
  else folds.delete(name);
}, true);

watch("value", () => {
  for (const fold of element.querySelectorAll("details[data-fold]")) {
    if (folds.has(nameOf(fold))) fold.open = true;
  }
  const turns = element.querySelectorAll(".turn");
  const last = turns[turns.length - 1];
  if (!last) {
    folds.clear();
    history.replaceState(null, "", location.pathname);
    return;
  }
  const link = last.dataset.link;
  if (link) history.replaceState(null, "", location.pathname + link);
  last.scrollIntoView({ block: "start" });
  const cite = last.querySelector(".card a.cite:not(.cite-closest)");
  if (cite && window.pullquoteShow && !window.matchMedia("(max-width: 900px)").matches) window.pullquoteShow(cite, false);
});
