/** Only one picture at a time is decoded at its full size. */
let last: Promise<unknown> = Promise.resolve();

/** A picture of at most so many pixels: itself, or one that is drawn smaller. Throws where it can't be decoded. */
export async function reducedImage(blob: Blob, pixels: number, most: number): Promise<Blob> {
  if (pixels <= most) return blob;
  const made = last.then(async () => {
    const bitmap = await createImageBitmap(blob);
    try {
      const scale = Math.sqrt(most / (bitmap.width * bitmap.height));
      const canvas = new OffscreenCanvas(Math.max(1, Math.floor(bitmap.width * scale)), Math.max(1, Math.floor(bitmap.height * scale)));
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      return await canvas.convertToBlob();
    } finally {
      bitmap.close();
    }
  });
  last = made.catch(() => {});
  return made;
}
