// A link to a check leads to a folded cell: open it. Without this script the link still leads there.
const openTarget = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.id.startsWith("check-")) target.querySelectorAll("details").forEach((d) => { d.open = true; });
};
window.addEventListener("hashchange", openTarget);
document.addEventListener("click", (event) => { if (event.target.closest(".equation-check")) setTimeout(openTarget); });
openTarget();

// The switch between light and dark: smalldocs reads the ground's colour, which this book's own style sets by this class.
new MutationObserver(([{ target }]) => target.classList.toggle("quarto-dark", target.dataset.scheme === "alternate"))
  .observe(document.documentElement, { attributeFilter: ["data-scheme"] });

// The list of chapters is longer than a small window: the one that is open comes into sight.
const here = document.querySelector("#quarto-sidebar .sidebar-link.active"), chapters = here?.closest("#quarto-sidebar");
if (here) chapters.scrollTop = Math.max(0, here.getBoundingClientRect().bottom - chapters.getBoundingClientRect().bottom + 16);

// A letter in a formula says what it means while the pointer rests on it, or after a tap. `symbols` is put in front of
// this file when the site is built.
const bubble = document.createElement("div");
bubble.className = "symbol-meaning";
bubble.hidden = true;
document.body.append(bubble);
const letterAt = (event) => event.target.closest?.(".katex-html :is(.mathnormal, .mi)");
const show = (event) => {
  const letter = letterAt(event);
  const meaning = letter && typeof symbols !== "undefined" && symbols[letter.textContent.trim()];
  bubble.hidden = !meaning;
  if (!meaning) return;
  bubble.textContent = meaning;
  const at = letter.getBoundingClientRect();
  bubble.style.left = `${Math.max(8, Math.min(at.left, innerWidth - bubble.offsetWidth - 8)) + scrollX}px`;
  bubble.style.top = `${at.bottom + scrollY + 6}px`;
};
document.addEventListener("mouseover", show);
document.addEventListener("click", show);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") bubble.hidden = true; });

// What scrolls sideways can be reached and scrolled with the keyboard, also what was folded away until now; a folded box
// opens with Enter or the space bar.
const scrollers = document.querySelectorAll("pre, .equation > p, .cell-output, .math.display, .sd-table");
const reach = (element) => {
  const beyond = getComputedStyle(element).overflowX === "visible" ? 0 : element.scrollWidth - element.clientWidth;
  if (beyond > 0) element.tabIndex = 0;
  else element.removeAttribute("tabindex");
  element.classList.toggle("scrolls", beyond > 1);  // a pixel may be no more than rounding
};
const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => reach(target)));
scrollers.forEach((element) => sizes.observe(element));
window.addEventListener("load", () => scrollers.forEach(reach));
document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.matches(".callout-header[role=button]")) {
    event.preventDefault();
    event.target.click();
  }
});
