/* The map of cases: points or hexagons of what is on the screen, the list beside it, a lasso. The page's drawing and
   table say the same without scripts. */
"use strict";
(() => {
  const box = document.getElementById("casemap");
  if (!box || !window.L) return;
  const L = window.L, data = box.dataset, english = document.documentElement.lang === "en";
  const said = document.querySelector("[data-said]"), list = document.getElementById("mapped"), panel = document.getElementById("case");
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  box.hidden = false;
  document.querySelector("[data-still]").hidden = true;
  document.querySelectorAll("[data-js]").forEach((el) => { el.hidden = false; });

  const map = L.map(box, { attributionControl: false, zoomControl: false, zoomSnap: 0.5, minZoom: 5, maxZoom: 19 });
  L.control.zoom({ zoomInTitle: english ? "Zoom in" : "放大", zoomOutTitle: english ? "Zoom out" : "缩小" }).addTo(map);
  if (data.tiles) L.tileLayer(data.tiles, { maxZoom: 19 }).addTo(map);
  const address = () => new URL(window.location.href);
  function whole() {
    const [w, s, e, n] = (data.bounds || "119.2,26.0,119.4,26.2").split(",").map(Number);
    map.fitBounds([[s, w], [n, e]]);
  }
  const at = (address().searchParams.get("at") || "").split(",").map(Number);
  if (at.length === 3 && at.every(Number.isFinite)) map.setView([at[1], at[0]], at[2]); else whole();

  // Own areas and their names below everything.
  map.createPane("names").classList.add("names");
  async function outline() {
    const shapes = await (await fetch(data.shapes)).json();
    L.geoJSON(shapes, {
      interactive: false,
      style: () => ({ className: "outline" }),
      onEachFeature: (f, part) => {
        const name = english ? f.properties.name_en || f.properties.name : f.properties.name;
        part.bindTooltip(document.createTextNode(name), { permanent: shapes.features.length < 40, direction: "center", className: "place", pane: "names" });
      },
    }).addTo(map).bringToBack();
    if (shapes.features.some((f) => f.properties.illustrative)) L.control.attribution({ prefix: false, position: "bottomleft" }).addAttribution(english ? "Grids are illustrative, not surveyed" : "网格为示意，非实测").addTo(map);
  }
  outline().catch(() => undefined);
  const ring = JSON.parse(data.ring || "[]");
  if (ring.length) L.polygon(ring.map(([x, y]) => [y, x]), { className: "lasso-line", interactive: false }).addTo(map);

  // What is on the screen.
  const layer = L.layerGroup().addTo(map);
  let asked = null;
  const screenBox = () => { const b = map.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((x) => x.toFixed(5)).join(","); };
  async function draw() {
    if (asked) asked.abort();
    asked = new AbortController();
    const hex = data.as === "hexagons";
    const url = `${hex ? data.hexagons : data.points}?${data.query}&box=${screenBox()}&z=${map.getZoom()}`;
    let found;
    try {
      const answer = await fetch(url, { signal: asked.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      found = await answer.json();
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = data.failed;
      return;
    }
    if (said.textContent === data.failed) said.textContent = "";
    // Whoever stands on a mark by the keyboard stays on it when it is drawn anew.
    const stood = document.activeElement.closest("#casemap .mark, #casemap .hex")?.getAttribute("aria-label");
    layer.clearLayers();
    found.features.forEach(hex ? drawHex : drawMark);
    if (stood) box.querySelector(`[aria-label="${CSS.escape(stood)}"]`)?.focus({ preventScroll: true });
    if (found.steps) {
      const keys = found.steps.map((words, i) => { const key = document.createElement("i"), one = document.createElement("span"); key.className = "key h" + i; one.append(key, words); return one; });
      document.querySelector("[data-steps]").replaceChildren(...keys);
    }
  }
  const listOf = (within) => { const u = new URL(data.list, window.location.href); u.searchParams.set("within", within); return u.href; };
  function drawHex(f) {
    const p = f.properties, shape = L.geoJSON(f, { style: () => ({ className: "hex " + p.css }) });
    shape.eachLayer((part) => {
      part.bindTooltip(document.createTextNode(p.words));
      part.on("click", () => { window.location.assign(listOf(p.within)); });
      part.addTo(layer);
      L.marker(part.getBounds().getCenter(), { interactive: false, keyboard: false, icon: L.divIcon({ className: "hexn", html: String(p.n), iconSize: [30, 16] }) }).addTo(layer);
      const el = part.getElement();
      el.setAttribute("tabindex", "0"); el.setAttribute("role", "link"); el.setAttribute("aria-label", p.words);
      el.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.stopPropagation(); window.location.assign(listOf(p.within)); } });
    });
  }
  function drawMark(f) {
    const p = f.properties, [lng, lat] = f.geometry.coordinates, one = p.n === 1;
    const size = one ? 24 : Math.round(Math.min(54, 28 + 7 * Math.log2(p.n)));
    const mark = L.marker([lat, lng], { icon: L.divIcon({ className: `mark ${one ? "" : "many "}${p.css}`, html: one ? "" : String(p.n), iconSize: [size, size] }), keyboard: true, riseOnHover: true, alt: p.words });
    mark.bindTooltip(document.createTextNode(p.words));
    mark.addTo(layer);
    mark.getElement().setAttribute("aria-label", p.words);
    const open = () => {
      if (one) { show(p.url); return; }
      if (map.getZoom() >= 18) { window.location.assign(listOf(p.within)); return; }
      map.setView([lat, lng], Math.min(19, map.getZoom() + 2));
    };
    mark.on("click", open);
    mark.on("keypress", (event) => { if (event.originalEvent.key === "Enter") open(); });
  }

  // A case opens beside the map, the list comes back with a button.
  function show(url) { window.htmx.ajax("GET", url, { target: "#case", swap: "innerHTML" }); }
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== panel) return;
    const back = document.createElement("button");
    back.type = "button"; back.className = "btn small second"; back.textContent = english ? "‹ Back to the list" : "‹ 回列表";
    back.addEventListener("click", hide);
    panel.prepend(back);
    panel.hidden = false; list.hidden = true; back.focus({ preventScroll: true });
    document.getElementById("side").scrollTop = 0;
  });
  function hide() { panel.hidden = true; panel.replaceChildren(); list.hidden = false; list.focus({ preventScroll: true }); }

  // Moving the map narrows the list, and the address says where it stands.
  let waiting = 0, moved = false;
  map.on("moveend", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      draw();
      if (!moved) return;
      const c = map.getCenter(), here = address();
      here.searchParams.set("at", `${c.lng.toFixed(5)},${c.lat.toFixed(5)},${map.getZoom()}`);
      here.searchParams.delete("cursor");
      window.history.replaceState(window.history.state, "", here);
      if (!ring.length) window.htmx.ajax("GET", `${window.location.pathname}?${data.query}&box=${screenBox()}`, { target: "#mapped", swap: "innerHTML" });
    }, 250);
  });
  window.setTimeout(() => { map.invalidateSize(); if (!at[2]) whole(); moved = Boolean(at[2]); draw(); if (moved) map.fire("moveend"); window.setTimeout(() => { moved = true; }, 400); }, 60);
  document.querySelector("[data-whole]").addEventListener("click", whole);
  document.body.addEventListener("linli:changed", draw);

  // Points or hexagons without a new page; the link remains one.
  document.querySelectorAll("[data-as]").forEach((link) => link.addEventListener("click", (event) => {
    if (link === box || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    data.as = link.dataset.as;
    document.querySelectorAll("a[data-as]").forEach((a) => { if (a === link) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current"); });
    const here = address(), query = new URLSearchParams(data.query);
    here.searchParams.set("as", data.as); query.set("as", data.as); data.query = query.toString();
    document.querySelector("input[name=as]").value = data.as;
    window.history.replaceState(window.history.state, "", here);
    draw();
  }));

  // Lasso: by mouse, by finger, by keyboard. Its ring goes into the address, in the letters of within.py.
  const lasso = document.querySelector("[data-lasso]"), done = document.querySelector("[data-lasso-done]");
  let corners = null, line = null, pressed = false;
  function encode(ringOf) {
    let text = "", before = [0, 0];
    const put = (number) => {
      let rest = number < 0 ? -2 * number - 1 : 2 * number;
      do { const low = rest % 32; rest = Math.floor(rest / 32); text += letters[rest ? low + 32 : low]; } while (rest);
    };
    ringOf.forEach((p) => {
      const here = [Math.round(p.lng * 1e5), Math.round(p.lat * 1e5)];
      put(here[0] - before[0]); put(here[1] - before[1]); before = here;
    });
    return text;
  }
  function go(ringOf) {
    const here = address();
    ["at", "box", "z", "cursor"].forEach((k) => here.searchParams.delete(k));
    here.searchParams.set("as", data.as);
    here.searchParams.set("within", encode(ringOf));
    window.location.assign(here);
  }
  function stop() {
    corners = null; pressed = false;
    if (line) line.remove();
    line = null;
    box.classList.remove("lasso"); lasso.setAttribute("aria-pressed", "false"); done.hidden = true;
    map.dragging.enable(); said.textContent = "";
  }
  function start() {
    corners = [];
    line = L.polygon([], { className: "lasso-line", interactive: false }).addTo(map);
    box.classList.add("lasso"); lasso.setAttribute("aria-pressed", "true"); done.hidden = false;
    map.dragging.disable(); said.textContent = data.hint; box.focus();
  }
  function finish() {
    let points = corners.map((c) => map.latLngToContainerPoint(c));
    for (let slack = 2; points.length > 40; slack *= 1.5) points = L.LineUtil.simplify(points, slack);
    if (points.length < 3) { said.textContent = data.few; corners = []; line.setLatLngs([]); return; }
    go(points.map((p) => map.containerPointToLatLng(p)));
  }
  lasso.addEventListener("click", () => { if (corners) stop(); else start(); });
  done.addEventListener("click", finish);
  const add = (latlng) => { corners.push(latlng); line.setLatLngs(corners); };
  box.addEventListener("pointerdown", (event) => {
    if (!corners || event.target.closest(".leaflet-control")) return;
    event.preventDefault(); event.stopPropagation();
    pressed = true; corners = []; box.setPointerCapture(event.pointerId); add(map.mouseEventToLatLng(event));
  }, true);
  box.addEventListener("pointermove", (event) => { if (pressed) add(map.mouseEventToLatLng(event)); });
  box.addEventListener("pointerup", () => { if (pressed) { pressed = false; finish(); } });
  box.addEventListener("keydown", (event) => {
    if (!corners) return;
    if (event.key === "Enter" && event.target === box) { event.preventDefault(); add(map.getCenter()); }
    if (event.key === "Escape") { event.preventDefault(); stop(); lasso.focus(); }
  });
  document.querySelector("[data-screen]").addEventListener("click", () => {
    const b = map.getBounds();
    go([b.getSouthWest(), b.getSouthEast(), b.getNorthEast(), b.getNorthWest()]);
  });
})();
