/* What a page gains when scripts run. Nothing here is needed to read a page or to send a form. */
"use strict";
(() => {
  const all = (sel, root) => (root || document).querySelectorAll(sel);
  const english = document.documentElement.lang === "en";
  const say = (zh, en) => (english ? en : zh);

  // Menus that fold away on small screens, sheets that close.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-toggle]");
    if (button) {
      const open = document.getElementById(button.dataset.toggle).classList.toggle("open");
      button.setAttribute("aria-expanded", String(open));
    }
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const sure = event.target.closest("[data-confirm]");
    if (sure && !window.confirm(sure.dataset.confirm)) event.preventDefault();
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => { copy.textContent = say("已复制", "Copied"); });
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") all("details.menu[open]").forEach((menu) => { menu.open = false; menu.firstElementChild.focus(); });
  });

  // One submission for each press; the button says that it is working.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post" && !form.hasAttribute("hx-post")) {
      form.dataset.sent = "1";
      busy(event.submitter);
      window.setTimeout(() => rest(form), 8000);
    }
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach(rest));

  function busy(button) {
    if (!button || !button.matches(".btn")) return;
    const words = document.createElement("span");
    words.className = "hide"; words.setAttribute("role", "status"); words.textContent = say("正在提交…", "Sending…");
    button.setAttribute("aria-busy", "true"); button.append(words);
  }

  function rest(form) {
    delete form.dataset.sent;
    all("[aria-busy] > [role=status]", form).forEach((words) => words.remove());
    all("button[aria-busy]", form).forEach((button) => button.removeAttribute("aria-busy"));
  }

  // Chosen files are listed, can be left out again, and photos are shown.
  function preview(input) {
    const list = document.getElementById(input.dataset.preview);
    const show = () => {
      all("img", list).forEach((img) => URL.revokeObjectURL(img.src));
      list.replaceChildren();
      [...input.files].forEach((file, place) => {
        const row = document.createElement("li");
        if (file.type.startsWith("image/")) {
          const img = document.createElement("img");
          img.alt = ""; img.src = URL.createObjectURL(file); row.append(img);
        }
        const name = document.createElement("span");
        name.className = "grow"; name.textContent = `${file.name} · ${file.size < 1048576 ? Math.max(1, Math.round(file.size / 1024)) + " KB" : (file.size / 1048576).toFixed(1) + " MB"}`;
        const drop = document.createElement("button");
        drop.type = "button"; drop.className = "link"; drop.textContent = list.dataset.remove;
        drop.setAttribute("aria-label", `${list.dataset.remove} ${file.name}`);
        drop.addEventListener("click", () => {
          const kept = new DataTransfer();
          [...input.files].forEach((other, i) => { if (i !== place) kept.items.add(other); });
          input.files = kept.files; show(); input.focus();
        });
        row.append(name, drop); list.append(row);
      });
    };
    input.addEventListener("change", show);
    if (input.files.length) show();
  }

  // Maps: our own shapes first; tiles only where the installation names a server.
  let library;
  function leaflet() {
    const from = document.getElementById("app").dataset;
    library = library || new Promise((done, failed) => {
      const style = document.createElement("link");
      style.rel = "stylesheet"; style.href = from.leafletCss; document.head.prepend(style);
      const script = document.createElement("script");
      script.src = from.leaflet; script.onload = () => done(window.L); script.onerror = failed;
      document.head.append(script);
    });
    return library;
  }

  const pin = (L, css) => L.divIcon({ className: "pin " + (css || ""), iconSize: null });

  async function drawMap(box) {
    const L = await leaflet();
    box.hidden = false;
    const start = box.dataset.lng ? [Number(box.dataset.lat), Number(box.dataset.lng)] : null;
    const still = !("pick" in box.dataset) && !box.dataset.points;
    const map = L.map(box, { attributionControl: false, zoomControl: false, keyboard: true, zoomSnap: 0.25, scrollWheelZoom: !still });
    L.control.zoom({ zoomInTitle: say("放大", "Zoom in"), zoomOutTitle: say("缩小", "Zoom out") }).addTo(map);
    map.setView(start || [26.0857, 119.2965], 15);
    if (box.dataset.tiles) {
      L.tileLayer(box.dataset.tiles, { maxZoom: 19 }).addTo(map);
      box.classList.add("tiled");
    }
    if (start) L.marker(start, { icon: pin(L), keyboard: false, alt: box.getAttribute("aria-label") || "" }).addTo(map);
    if (box.dataset.shapes) {
      const shapes = await (await fetch(box.dataset.shapes, { headers: { Accept: "application/geo+json" } })).json();
      const layer = L.geoJSON(shapes, {
        className: "shape",
        style: (f) => ({ className: "shape " + ((f.properties && f.properties.css) || "") }),
        onEachFeature: (f, part) => {
          const p = f.properties || {};
          const name = english ? p.name_en || p.name : p.name;
          // As text: a tooltip takes HTML, and names come from files that others wrote.
          if (name) part.bindTooltip(document.createTextNode(name), { permanent: shapes.features.length < 40, direction: "center", className: "place" });
          if (p.url) part.on("click", () => { window.location.assign(p.url); });
        },
      }).addTo(map);
      layer.bringToBack();
      if (shapes.features.some((f) => f.properties && f.properties.illustrative)) {
        const words = say("网格为示意，非实测", "Grids are illustrative, not surveyed");
        L.control.attribution({ prefix: false, position: "bottomleft" }).addAttribution(words).addTo(map);
      }
      if (!start && layer.getBounds().isValid()) map.fitBounds(layer.getBounds(), { padding: [8, 8] });
      if ("pick" in box.dataset) layer.eachLayer((part) => { part.options.interactive = false; });
    }
    if (box.dataset.points) {
      const points = await (await fetch(box.dataset.points)).json();
      L.geoJSON(points, {
        pointToLayer: (f, at) => {
          const p = f.properties || {};
          const mark = L.marker(at, { icon: pin(L, p.css), title: p.name || "", alt: p.name || "" });
          if (p.url) mark.on("click", () => { window.location.assign(p.url); });
          return mark;
        },
      }).addTo(map);
    }
    window.setTimeout(() => map.invalidateSize(), 60);
    return { L, map };
  }

  async function placePicker(root) {
    const box = root.querySelector("[data-map]");
    const lng = root.querySelector("[data-coord=lng]"), lat = root.querySelector("[data-coord=lat]");
    const said = root.querySelector("[data-said]"), fold = root.querySelector("[data-nojs]");
    let made;
    try { made = await drawMap(box); } catch { box.hidden = true; return; }
    if (fold) { fold.open = false; fold.hidden = true; }
    all("[data-js]", root).forEach((el) => { el.hidden = false; });
    const { L, map } = made;
    let mark = null;
    map.eachLayer((layer) => { if (layer instanceof L.Marker) mark = layer; });
    async function choose(at) {
      lng.value = at.lng.toFixed(6); lat.value = at.lat.toFixed(6);
      if (mark) mark.setLatLng(at); else mark = L.marker(at, { icon: pin(L), keyboard: false }).addTo(map);
      try {
        const answer = await (await fetch(`${root.dataset.where}?lng=${lng.value}&lat=${lat.value}`)).json();
        said.textContent = answer.words || "";
      } catch { said.textContent = ""; }
      root.dispatchEvent(new CustomEvent("place-chosen", { bubbles: true, detail: at }));
    }
    map.on("click", (event) => choose(event.latlng));
    box.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); choose(map.getCenter()); } });
    const near = root.querySelector("[data-locate]");
    near.addEventListener("click", () => {
      said.textContent = near.dataset.asking;
      const failed = () => { said.textContent = near.dataset.failed; };
      if (!navigator.geolocation) { failed(); return; }
      navigator.geolocation.getCurrentPosition((p) => {
        const at = L.latLng(p.coords.latitude, p.coords.longitude);
        map.setView(at, 17); choose(at);
      }, failed, { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
    });
    if (lng.value && lat.value && mark === null) choose(L.latLng(Number(lat.value), Number(lng.value)));
  }

  // What scrolls sideways can be reached and scrolled by keys alone.
  const reach = new ResizeObserver((seen) => seen.forEach(({ target }) => {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0; else target.removeAttribute("tabindex");
  }));

  function ready(root) {
    all(".scroll", root).forEach((box) => reach.observe(box));
    all("input[data-preview]", root).forEach((input) => { if (!input.dataset.ready) { input.dataset.ready = "1"; preview(input); } });
    all("[data-place]", root).forEach((place) => { if (!place.dataset.ready) { place.dataset.ready = "1"; placePicker(place); } });
    all("[data-map]:not([data-pick])", root).forEach((box) => { if (!box.dataset.ready) { box.dataset.ready = "1"; drawMap(box).catch(() => { box.hidden = true; }); } });
    const mend = (root.querySelector ? root : document).querySelector("[data-focus]");
    if (mend) mend.focus();
    all("input[data-check-all]", root).forEach((box) => box.addEventListener("change", () => all(`input[name="${box.dataset.checkAll}"]`).forEach((one) => { one.checked = box.checked; })));
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => ready(document)); else ready(document);
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) ready(event.target); });
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token) event.detail.headers["X-CSRFToken"] = token.value;
  });
  // In the split inbox the row that is open is marked, and its case comes into view on a phone.
  document.addEventListener("htmx:afterSwap", (event) => {
    const row = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (!row || !row.matches(".it > a")) return;
    all(".it > a[aria-current]").forEach((a) => a.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "true");
  });
})();
