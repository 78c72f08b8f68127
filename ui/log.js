// Runs once, when the conversation is on the page: after each answer it brings the question to the top of the view,
// opens the first citation beside it, keeps open folds open and puts the question into the address.
const folds = new Set();
element.addEventListener("toggle", (event) => {
  const name = event.target.dataset.fold;
  if (!name) return;
  if (event.target.open) folds.add(name);
  else folds.delete(name);
}, true);

watch("value", () => {
  for (const fold of element.querySelectorAll("details[data-fold]")) {
    if (folds.has(fold.dataset.fold)) fold.open = true;
  }
  const turns = element.querySelectorAll(".turn");
  const last = turns[turns.length - 1];
  if (!last) {
    history.replaceState(null, "", location.pathname);
    return;
  }
  const link = last.dataset.link;
  if (link) history.replaceState(null, "", location.pathname + link);
  last.scrollIntoView({ block: "start" });
  const cite = last.querySelector(".card:not(.card-closest) a.cite");
  if (cite && window.pullquoteShow && !window.matchMedia("(max-width: 900px)").matches) window.pullquoteShow(cite, false);
});
