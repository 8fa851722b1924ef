/* Questions that arise from other answers are shown when they do; and a photo that was chosen says how the paper comes. */
"use strict";
(() => {
  const form = document.querySelector("form[data-apply],form[data-lane]");
  if (!form) return;
  const given = (code) => {
    const inputs = [...form.querySelectorAll(`[name="a.${CSS.escape(code)}"]`)];
    const ticked = inputs.filter((i) => !["radio", "checkbox"].includes(i.type) || i.checked);
    const values = ticked.map((i) => (i.value === "true" ? true : i.value === "false" ? false : i.value));
    return values;
  };
  const holds = (c) => {
    if (!c) return true;
    if (c.all) return c.all.every(holds);
    if (c.any) return c.any.some(holds);
    if (!form.querySelector(`[name="a.${CSS.escape(c.field)}"]`)) return true; // a register may answer it
    const values = given(c.field);
    const wanted = "in" in c ? c.in : [c.is];
    return values.some((v) => wanted.includes(v));
  };
  const parts = [...form.querySelectorAll("[data-when]")].filter((p) => p.dataset.when);
  const show = () => parts.forEach((p) => { p.hidden = !holds(JSON.parse(p.dataset.when)); });
  form.addEventListener("change", (event) => {
    show();
    const input = event.target;
    if (input.type === "file" && input.files.length) {
      const way = form.querySelector(`input[name="p.${CSS.escape(input.name.slice(2))}"][value="uploaded"]`);
      if (way) way.checked = true;
    }
  });
  show();
})();
