// Photos (照片): upright, small enough for a weak signal, without what the camera wrote into them, unless the whole one is asked for.

const LONGEST = 1600;
const WISHED = 400 * 1024;

export async function shrunk(file) {
  let image;
  try { image = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { return file; } // e.g. HEIC: sent as it is
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  for (const quality of [0.85, 0.75, 0.65, 0.5]) {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob && (blob.size <= WISHED || quality === 0.5)) return blob;
  }
  return file;
}

export const nameFor = (blob, n) => `photo-${n}.${{ "image/png": "png", "image/webp": "webp", "image/heic": "heic" }[blob.type] ?? "jpg"}`;
