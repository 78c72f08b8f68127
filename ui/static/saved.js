// Runs once, when the list of saved conversations is on the page: opens, renames, deletes, restores, searches.
const P = (window.pullquote ||= {});
const find = () => document.getElementById("pq-saved-find")?.value || "";
const told = (change) => ({ find: find(), place: P.state(), ...change });
const send = (change) => trigger("change_saved", told(change));
P.listAgain = () => trigger("look_saved", told({ do: "look" }));
let undoNow = false; // a deletion is on its way: the button that undoes it gets the focus
let wasOpen = ""; // the conversation that was open when it was deleted
let opening = ""; // it is being restored, and opened again as soon as it is there
P.openSaved = (search) => trigger("open_saved", { place: P.state({ search }) });
P.listMark = () => {
  const open = document.querySelector("#pq-log .turns")?.dataset.conversation;
  for (const row of element.querySelectorAll("[data-id]")) {
    const link = row.querySelector("a");
    if (row.dataset.id === open) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
};

const rename = (row) => {
  const link = row.querySelector("a");
  const field = document.createElement("input");
  field.value = link.textContent;
  field.maxLength = 120;
  field.setAttribute("aria-label", "New title");
  link.hidden = true;
  link.before(field);
  field.focus();
  field.select();
  let done = false;
  const end = (keep) => {
    if (done) return;
    done = true;
    field.remove();
    link.hidden = false;
    if (keep && field.value.trim() && field.value !== link.textContent) {
      link.textContent = field.value.trim();
      send({ do: "rename", id: row.dataset.id, title: field.value });
      P.tell?.();
    }
    link.focus();
  };
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
  });
  field.addEventListener("blur", () => end(true));
};

const show = (search) => {
  P.go({ search, src: null, about: null, tab: "ask" }, true);
  P.openTab("ask");
  P.openSaved(search);
};

const start = () => {
  if (document.querySelector("#pq-log .turns")) P.go({ search: "", src: null, about: null, tab: "ask" }, true);
  P.openTab("ask");
  document.querySelector("#pq-new")?.click();
  P.closeDrawer();
  document.querySelector("#pq-box textarea")?.focus();
};

// Asks a question without the previous ones, in a new conversation.
P.askAlone = async (question) => {
  start();
  for (let tries = 0; tries < 200 && document.querySelector("#pq-log .turn"); tries += 1) await P.frames();
  P.askNow(question);
};

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-new]")) start();
});
element.addEventListener("click", (event) => {
  const row = event.target.closest("[data-id]");
  const link = event.target.closest("a.saved-open");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(link.getAttribute("href"));
    P.closeDrawer();
    return;
  }
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.rename !== undefined) rename(row);
  if (button.dataset.delete !== undefined) {
    const open = row.querySelector("a").hasAttribute("aria-current");
    wasOpen = open ? row.dataset.id : "";
    undoNow = true;
    send({ do: "delete", id: row.dataset.id });
    if (open) document.querySelector("#pq-new")?.click();
    P.tell?.();
  }
  if (button.dataset.undo !== undefined) {
    // unless something else has been opened since
    opening = button.dataset.undo === wasOpen && !document.querySelector("#pq-log .turn") ? wasOpen : "";
    send({ do: "undo", id: button.dataset.undo });
    P.tell?.();
  }
});
let waiting = 0;
document.addEventListener("input", (event) => {
  if (event.target.id !== "pq-saved-find") return;
  clearTimeout(waiting);
  waiting = setTimeout(P.listAgain, 150);
});
watch("value", () => {
  P.listMark();
  if (opening && !element.querySelector("[data-undo]")) {
    show(`?c=${opening}`);
    opening = "";
  }
  const undo = undoNow && element.querySelector("[data-undo]");
  if (!undo) return;
  undoNow = false;
  undo.focus();
});

P.channel = "BroadcastChannel" in window ? new BroadcastChannel("pullquote") : null;
// saved conversations changed in another window; if the one that is shown here has a new answer, it is read again
const heard = ({ data }) => {
  P.listAgain();
  const shown = document.querySelector("#pq-log .turns")?.dataset.conversation;
  if (data.answered && data.answered === shown && !document.querySelector("#pq-log .turn.pending")) P.openSaved(location.search);
};
if (P.channel) P.channel.onmessage = heard;
P.tell = (answered) => P.channel?.postMessage({ answered });
