// A link to a check leads to a folded cell: open it. Without this script the link still leads there.
const openTarget = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.id.startsWith("check-")) target.querySelectorAll("details").forEach((d) => { d.open = true; });
};
window.addEventListener("hashchange", openTarget);
document.addEventListener("click", (event) => { if (event.target.closest(".equation-check")) setTimeout(openTarget); });
openTarget();
