/** Pixels of an image that may be decoded: four bytes of memory each. */
export const mostPixels = 50_000_000;

/** Width times height as the head of the file says, without decoding it; undefined for formats that do not say it at once. */
export function pixelsOf(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end));
  if (bytes.length >= 24 && word(1, 4) === 'PNG') return view.getUint32(16) * view.getUint32(20);
  if (bytes.length >= 10 && word(0, 3) === 'GIF') return view.getUint16(6, true) * view.getUint16(8, true);
  if (bytes.length >= 30 && word(0, 4) === 'RIFF' && word(8, 12) === 'WEBP') {
    if (word(12, 16) === 'VP8X') return (1 + (view.getUint32(24, true) & 0xffffff)) * (1 + (view.getUint32(26, true) >>> 8));
    if (word(12, 16) === 'VP8L') return (1 + (view.getUint32(21, true) & 0x3fff)) * (1 + ((view.getUint32(21, true) >>> 14) & 0x3fff));
    if (word(12, 16) === 'VP8 ') return (view.getUint16(26, true) & 0x3fff) * (view.getUint16(28, true) & 0x3fff);
  }
  if (bytes.length >= 4 && view.getUint16(0) === 0xffd8) {
    // JPEG: from segment to segment until the one that begins the frame.
    for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
      const marker = bytes[at + 1]!;
      if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return view.getUint16(at + 5) * view.getUint16(at + 7);
      at += 2 + view.getUint16(at + 2);
    }
  }
  return undefined;
}
