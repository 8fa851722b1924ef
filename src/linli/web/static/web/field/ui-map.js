// The map (地图): own grids by their own shapes, the cases, and me while this screen is open and I asked for it.

import { bundle } from "./bundle.js";
import { announce, button, empty, h, note, svg } from "./dom.js";
import { areaAt, errorWords, here, NoPlace, polygons } from "./geo.js";
import { due, say } from "./words.js";

const SIDE = 1000;

// Degrees to the paper (投影): true enough over a township, north is up.
function frameOf(areas, points) {
  const places = [...areas.flatMap((area) => polygons(area.geometry).flat(2)), ...points.map((p) => [p.lng, p.lat])];
  if (!places.length) return null;
  const lats = places.map(([, lat]) => lat);
  const squeeze = Math.cos(((Math.min(...lats) + Math.max(...lats)) / 2) * (Math.PI / 180));
  const xs = places.map(([lng]) => lng * squeeze);
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...lats), Math.max(...lats)];
  const span = Math.max(east - west, north - south, 0.0005) * 1.12;
  const [left, top] = [(west + east - span) / 2, (south + north + span) / 2];
  return { at: (lng, lat) => [((lng * squeeze - left) / span) * SIDE, ((top - lat) / span) * SIDE], unit: SIDE / (span * 111320) };
}

export function drawMap({ areas, points, me = null, small = false, label }) {
  const frame = frameOf(areas, points);
  if (!frame) return null;
  const path = (area) => polygons(area.geometry).map((rings) => rings.map((ring) => `M${ring.map(([x, y]) => frame.at(x, y).map((n) => n.toFixed(1)).join(" ")).join("L")}Z`).join("")).join("");
  const above = (area) => { // its name stands on its northern edge, where no case hides it
    const ring = polygons(area.geometry)[0]?.[0] ?? [];
    const [x, y] = frame.at(...ring.reduce((top, each) => (each[1] > top[1] ? each : top), ring[0] ?? [0, 0]));
    return [Math.min(SIDE - 190, Math.max(190, x)), Math.max(40, y - 14)];
  };
  const mark = (task, n) => {
    const [x, y] = frame.at(task.lng, task.lat);
    return svg("g", { class: `mark ${due(task.due_at).tone}` }, svg("circle", { cx: x, cy: y, r: 34 }), !small && svg("text", { x, y: y + 13 }, String(n + 1)));
  };
  const own = me && frame.at(me.lng, me.lat).map((n) => Math.min(SIDE - 24, Math.max(24, n))); // far away: on the rim, in that direction
  return svg("svg", { class: `field-map ${small ? "small" : ""}`, viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img", "aria-label": label },
    areas.filter((area) => area.geometry).map((area) => svg("path", { class: "area", d: path(area) })),
    !small && areas.filter((area) => area.geometry).map((area) => { const [x, y] = above(area); return svg("text", { class: "name", x, y }, say(area.name, area.name_en || area.name)); }),
    points.map(mark),
    own && svg("g", { class: "me" }, svg("circle", { class: "around", cx: own[0], cy: own[1], r: Math.min(SIDE, Math.max(20, me.accuracy * frame.unit)) }), svg("circle", { cx: own[0], cy: own[1], r: 20 })));
}

export async function mapScreen() {
  const title = say("地图", "Map");
  const brought = await bundle();
  if (!brought) return { title, body: [empty(say("手机里还没有网格的形状，有信号时会取。", "The grid's shape is not on the phone yet: it comes with a signal."))] };
  const points = brought.tasks.filter((task) => task.lng !== null && task.lat !== null);
  const place = h("div", {});
  const said = h("div", { role: "status" });
  let left = false;
  const paint = (me) => place.replaceChildren(drawMap({ areas: brought.areas, points, me, label: say(`${brought.areas.length} 个网格，${points.length} 件在图上`, `${brought.areas.length} grids, ${points.length} cases on the map`) }) ?? "");
  const locate = button(say("我在哪里", "Where am I"), async () => {
    locate.disabled = true;
    announce(say("正在定位", "Finding your place"));
    try {
      const me = await here();
      if (left) return;
      const area = areaAt(me, brought.areas);
      paint(me);
      said.replaceChildren(note("", say(`误差 ${errorWords(me)}，${area ? `在${area.name}` : "不在您的网格里"}。离开这一页就不留。`, `${errorWords(me)}, ${area ? `in ${area.name_en || area.name}` : "outside your grid"}. It is forgotten when you leave this screen.`)));
    } catch (error) {
      said.replaceChildren(note("warn", error instanceof NoPlace ? error.message : say("没有定到位置。", "No position.")));
    }
    locate.disabled = false;
  }, "second wide");
  paint(null);
  return {
    title,
    leave: () => { left = true; },
    body: [place, said, points.length > 0 && h("ol", { class: "field-rows numbered" }, points.map((task) => h("li", { class: `field-row ${due(task.due_at).tone}` }, h("a", { href: `#/case/${task.number}` },
      h("b", {}, task.title), h("span", { class: "where" }, task.place_text ?? ""), h("span", { class: `due ${due(task.due_at).tone}` }, due(task.due_at).words)))))],
    foot: [locate],
  };
}
