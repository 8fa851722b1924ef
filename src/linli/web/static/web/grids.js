/* Drawing on a plan of grids. Each stroke fills the form that says the same in coordinates, and sends it: the server
   cuts and joins, so that without scripts nothing is missing but the pen. */
"use strict";
(() => {
  const box = document.getElementById("gridmap");
  if (!box || !window.L) return;
  const L = window.L, data = box.dataset, english = document.documentElement.lang === "en";
  const all = (sel, root) => [...(root || document).querySelectorAll(sel)];
  const said = document.querySelector("[data-said]"), hint = said.textContent;
  const finish = document.querySelector("[data-finish]"), back = document.querySelector("[data-back]"), stop = document.querySelector("[data-stop]");
  box.hidden = false;
  document.querySelector("[data-still]").hidden = true;
  all("[data-js]").forEach((el) => { el.hidden = false; });

  const map = L.map(box, { attributionControl: false, zoomControl: false, zoomSnap: 0.25, maxZoom: 20, doubleClickZoom: false });
  L.control.zoom({ zoomInTitle: english ? "Zoom in" : "放大", zoomOutTitle: english ? "Zoom out" : "缩小" }).addTo(map);
  map.setView([26.08, 119.3], 14);
  const cells = new Map();
  let tool = "", points = [], pen = null, handles = null, moving = "";

  const ticks = () => all("#cells input[name=cell]");
  const chosen = () => ticks().filter((tick) => tick.checked).map((tick) => tick.value);
  function mark() {
    const on = new Set(chosen());
    cells.forEach((cell, key) => { cell.layer.getElement().classList.toggle("on", on.has(key)); });
    all("tr[data-cell]").forEach((row) => row.classList.toggle("on", on.has(row.dataset.cell)));
  }
  document.getElementById("cells").addEventListener("change", mark);

  async function load() {
    const [found, border] = await Promise.all([fetch(data.cells), fetch(data.border)]).then((got) => Promise.all(got.map((g) => g.json())));
    L.geoJSON(border, { interactive: false, style: () => ({ className: "village" }) }).addTo(map);
    const whole = L.geoJSON(found, {
      style: (f) => ({ className: "cell" + (f.properties.code ? "" : " new") }),
      onEachFeature: (f, layer) => {
        const p = f.properties, full = (english && p.name_en) || p.name;
        const name = full.startsWith(data.village) && full.slice(data.village.length).trim() || full;
        cells.set(p.key, { layer, feature: f });
        layer.bindTooltip(document.createTextNode(name), { permanent: true, direction: "center", className: "place" });
        layer.on("click", (event) => {
          if (tool) { if (tool !== "move") add(event.latlng); return; }
          const tick = ticks().find((t) => t.value === p.key);
          tick.checked = !tick.checked; mark();
        });
      },
    }).addTo(map);
    const fit = L.featureGroup([whole, L.geoJSON(border)]);
    map.invalidateSize();
    if (fit.getBounds().isValid()) map.fitBounds(fit.getBounds(), { padding: [12, 12] });
    mark();
  }
  load().catch(() => { box.hidden = true; document.querySelector("[data-still]").hidden = false; all("[data-js]").forEach((el) => { el.hidden = true; }); });

  // Every corner of the other grids, to snap to within twelve pixels.
  function snapped(latlng, but) {
    const here = map.latLngToContainerPoint(latlng);
    let best = latlng, nearest = 12;
    cells.forEach((cell, key) => {
      if (key === but) return;
      L.GeoJSON.coordsToLatLngs(cell.feature.geometry.coordinates, cell.feature.geometry.type === "Polygon" ? 1 : 2).flat(2).forEach((corner) => {
        const away = map.latLngToContainerPoint(corner).distanceTo(here);
        if (away < nearest) { nearest = away; best = corner; }
      });
    });
    return best;
  }

  function begin(which) {
    end();
    if (which === "move" && !startMove()) return;
    tool = which; points = [];
    said.textContent = data[which];
    all("[data-tool]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.tool === which)));
    [finish, stop].forEach((b) => { b.hidden = false; });
    back.hidden = which === "move";
    box.classList.toggle("drawing", which !== "move");
    if (which !== "move") pen = L.polyline([], { className: "pen", interactive: false, fill: false }).addTo(map);
    box.focus();
  }
  function end() {
    tool = ""; points = []; moving = "";
    if (pen) pen.remove();
    if (handles) handles.remove();
    pen = handles = null;
    box.classList.remove("drawing"); said.textContent = hint;
    all("[data-tool]").forEach((b) => b.setAttribute("aria-pressed", "false"));
    [finish, back, stop].forEach((b) => { b.hidden = true; });
  }
  function add(latlng) {
    if (!tool || tool === "move") return;
    points.push(tool === "add" ? snapped(latlng, "") : latlng);
    pen.setLatLngs(tool === "add" && points.length > 2 ? [...points, points[0]] : points);
  }
  map.on("click", (event) => add(event.latlng));

  // A border to be moved: its corners as handles, the line takes new ones.
  function startMove() {
    const [key] = chosen();
    if (chosen().length !== 1) { said.textContent = data.choose; return false; }
    const shape = cells.get(key).feature.geometry;
    if (shape.type !== "Polygon") { said.textContent = data.pieces; return false; }
    moving = key;
    points = shape.coordinates.map((ring) => ring.slice(0, -1).map(([x, y]) => L.latLng(y, x)));
    window.setTimeout(() => { points = shape.coordinates.map((ring) => ring.slice(0, -1).map(([x, y]) => L.latLng(y, x))); drawHandles(); });
    return true;
  }
  function drawHandles() {
    if (handles) handles.remove();
    handles = L.layerGroup().addTo(map);
    pen = pen || L.polygon([], { className: "pen" }).addTo(map);
    pen.setLatLngs(points);
    pen.off("click").on("click", (event) => { L.DomEvent.stop(event); insert(event.latlng); });
    points.forEach((ring) => ring.forEach((corner, i) => {
      const handle = L.marker(corner, { draggable: true, keyboard: false, icon: L.divIcon({ className: "corner", iconSize: [16, 16] }) }).addTo(handles);
      handle.on("drag", () => { ring[i] = handle.getLatLng(); pen.setLatLngs(points); });
      handle.on("dragend", () => { ring[i] = snapped(handle.getLatLng(), moving); drawHandles(); });
    }));
  }
  function insert(latlng) {
    const here = map.latLngToLayerPoint(latlng);
    let best = null;
    points.forEach((ring) => ring.forEach((corner, i) => {
      const away = L.LineUtil.pointToSegmentDistance(here, map.latLngToLayerPoint(corner), map.latLngToLayerPoint(ring[(i + 1) % ring.length]));
      if (!best || away < best.away) best = { away, ring, i };
    }));
    if (best && best.away < 14) { best.ring.splice(best.i + 1, 0, latlng); drawHandles(); }
  }

  const lines = (list) => list.map((p) => `${p.lng.toFixed(7)}, ${p.lat.toFixed(7)}`).join("\n");
  function send(fields, which) {
    const form = document.createElement("form");
    form.method = "post"; form.hidden = true;
    const cellsForm = document.getElementById("cells");
    Object.entries({ csrfmiddlewaretoken: cellsForm.querySelector("[name=csrfmiddlewaretoken]").value, seq: cellsForm.querySelector("[name=seq]").value, do: which, ...fields }).forEach(([name, value]) => {
      const input = document.createElement("textarea");
      input.name = name; input.value = value; form.append(input);
    });
    document.body.append(form); form.submit();
  }
  function under(latlng) {
    const here = map.latLngToContainerPoint(latlng);
    let found = "";
    cells.forEach((cell, key) => { if (cell.layer._containsPoint && cell.layer._containsPoint(map.containerPointToLayerPoint(here))) found = key; });
    return found;
  }
  function done() {
    if (tool === "split") {
      if (points.length < 2) { said.textContent = data.few; return; }
      const half = points.length / 2, middle = points.length === 2 ? L.latLng((points[0].lat + points[1].lat) / 2, (points[0].lng + points[1].lng) / 2) : points[Math.floor(half)];
      const key = chosen().length === 1 ? chosen()[0] : under(middle);
      if (!key) { said.textContent = data.choose; return; }
      send({ key, line: lines(points) }, "split");
    } else if (tool === "move") {
      send({ key: moving, ring: points.map(lines).join("\n\n") }, "redraw");
    } else if (tool === "add") {
      if (points.length < 3) { said.textContent = data.few; return; }
      const form = document.querySelector("[data-form=add]");
      form.open = true;
      form.querySelector("[name=ring]").value = lines(points);
      end();
      form.querySelector("[name=name]").focus();
    }
  }
  all("[data-tool]").forEach((button) => button.addEventListener("click", () => { if (tool === button.dataset.tool) end(); else begin(button.dataset.tool); }));
  finish.addEventListener("click", done);
  stop.addEventListener("click", end);
  const drop = () => { points.pop(); pen.setLatLngs(points); };
  back.addEventListener("click", drop);
  box.addEventListener("keydown", (event) => {
    if (!tool) return;
    if (event.key === "Enter" && event.target === box) { event.preventDefault(); add(map.getCenter()); }
    if (event.key === "Backspace" && tool !== "move" && points.length) { event.preventDefault(); drop(); }
    if (event.key === "Escape") { event.preventDefault(); end(); }
  });
})();
