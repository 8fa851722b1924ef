// News inside the app, also between its tabs (应用内的消息): a name and nothing else, never content.

const target = new EventTarget();
const channel = new BroadcastChannel("linli-field");

channel.onmessage = ({ data }) => target.dispatchEvent(new CustomEvent(data));
export const on = (name, act) => { target.addEventListener(name, act); return () => target.removeEventListener(name, act); };
export function tell(name, everywhere = true) {
  target.dispatchEvent(new CustomEvent(name));
  if (everywhere) channel.postMessage(name);
}
