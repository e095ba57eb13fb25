"use strict";
const form = document.getElementById("filter");
const told = document.querySelectorAll("[data-severity]");
const parts = document.querySelectorAll("section[data-patch]");
function wanted(item) {
  const levels = new Set(Array.from(form.querySelectorAll("[name=severity]:checked"), (box) => box.value));
  const family = form.elements.family.value;
  const patch = form.elements.patch.value;
  return levels.has(item.dataset.severity)
    && (!family || item.dataset.family === family)
    && (!patch || item.dataset.patch === patch);
}
function show() {
  let count = 0;
  for (const item of told) {
    item.hidden = !wanted(item);
    count += item.localName === "article" && !item.hidden;
  }
  const patch = form.elements.patch.value;
  for (const part of parts) part.hidden = Boolean(patch) && part.dataset.patch !== patch;
  form.querySelector("output").value = `${count} shown`;
}
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let at = target; at; at = at.parentElement) if (at.localName === "details") at.open = true;
  if (target) target.scrollIntoView();
}
function unfoldAll() {
  for (const each of document.querySelectorAll("details")) each.open = true;
}
form.hidden = false;
form.addEventListener("change", show);
addEventListener("hashchange", unfold);
addEventListener("beforeprint", unfoldAll);
show();
if (location.hash) unfold();
