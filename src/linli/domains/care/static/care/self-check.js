// Adds up the answers on this page (心情自查). Nothing is sent, nothing is kept.
"use strict";
(() => {
  const box = document.getElementById("self-check");
  const result = document.getElementById("self-result");
  if (!box || !result) return;
  const questions = box.querySelectorAll("fieldset").length;
  box.addEventListener("change", () => {
    const chosen = [...box.querySelectorAll("input:checked")];
    if (chosen.length < questions) return;
    const sum = chosen.reduce((n, input) => n + Number(input.value), 0);
    result.textContent = sum < 9 ? result.dataset.low : result.dataset.well;
  });
})();
