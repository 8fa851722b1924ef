// Where the worker stands (位置): asked once, when the button is pressed, with its error; no watching, no trace.

import { say } from "./words.js";

export class NoPlace extends Error {}

export function here() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) { reject(new NoPlace(say("这台手机不能定位，请写地点。", "This phone cannot tell its place: write it down."))); return; }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lng: coords.longitude, lat: coords.latitude, accuracy: Math.ceil(coords.accuracy) }),
      ({ code }) => reject(new NoPlace(code === 1
        ? say("手机没有允许定位。可以在浏览器设置里打开，或者写地点。", "The phone does not allow it. Switch it on in the browser's settings, or write the place down.")
        : say("现在定不到位置。到空旷处再试，或者写地点。", "No position now. Try again in the open, or write the place down."))),
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 },
    );
  });
}

// Coordinates go as words, six decimals are a hand's breadth.
export const asWords = ({ lng, lat, accuracy }) => ({ lng: lng.toFixed(6), lat: lat.toFixed(6), accuracy_m: accuracy });
export const errorWords = ({ accuracy }) => say(`±${accuracy} 米`, `±${accuracy} m`);

const RADIUS = 6371008.8;
const rad = Math.PI / 180;
export function apart(a, b) {
  const s = Math.sin(((b.lat - a.lat) * rad) / 2) ** 2
    + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lng - a.lng) * rad) / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.sqrt(s));
}

const inRing = ([x, y], ring) => ring.reduce((inside, [x1, y1], i) => {
  const [x2, y2] = ring[(i + ring.length - 1) % ring.length];
  return (y1 > y) !== (y2 > y) && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1 ? !inside : inside;
}, false);

export const polygons = (geometry) => (!geometry ? [] : geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates ?? []);

// The smallest own area that holds the point (所在网格), or null.
export function areaAt(point, areas) {
  const holds = (area) => polygons(area.geometry).some(([outer, ...holes]) =>
    inRing([point.lng, point.lat], outer) && !holes.some((hole) => inRing([point.lng, point.lat], hole)));
  return areas.filter(holds).sort((a, b) => b.code.length - a.code.length)[0] ?? null;
}
