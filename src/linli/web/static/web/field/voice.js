// Voice notes (语音): only while the button is on, two minutes at most.

const MOST = 120; // seconds
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

// Begins; `stop()` gives the note. The microphone is let go in any case.
export async function record({ each }) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, { ...(mimeType && { mimeType }), audioBitsPerSecond: 24000 });
  const parts = [];
  const began = Date.now();
  recorder.ondataavailable = ({ data }) => { if (data.size) parts.push(data); };
  const done = new Promise((resolve) => {
    recorder.onstop = () => {
      clearInterval(ticking);
      stream.getTracks().forEach((track) => track.stop());
      resolve(new Blob(parts, { type: (recorder.mimeType || "audio/webm").split(";")[0] }));
    };
  });
  const ticking = setInterval(() => {
    const seconds = Math.floor((Date.now() - began) / 1000);
    each(seconds);
    if (seconds >= MOST) recorder.stop();
  }, 500);
  recorder.start(1000);
  return { done, stop: () => { if (recorder.state !== "inactive") recorder.stop(); return done; } };
}
export const nameOf = (blob) => `voice.${{ "audio/ogg": "ogg", "audio/mp4": "m4a" }[blob.type] ?? "webm"}`;
