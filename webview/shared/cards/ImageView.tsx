import { useEffect, useState } from 'react';
import { aside } from '../../../src/base/aside.ts';
import { reducedImage } from './reducedImage.ts';

/** A picture in the room that there is. The one before stays until it is there. */
export function ImageView({
  blob,
  pixels,
  most,
  name,
  height,
}: {
  blob: Blob;
  pixels: number;
  /** Pixels that may be kept of it in memory. */
  most: number;
  name: string;
  height: number;
}) {
  const [url, setUrl] = useState<string>();
  const [isBroken, setBroken] = useState(false);
  const [isSmall, setSmall] = useState(false);
  useEffect(() => {
    let made: string | undefined;
    let isGone = false;
    aside(
      'picture',
      reducedImage(blob, pixels, most).then(
        (shown) => {
          if (isGone) return;
          made = URL.createObjectURL(shown);
          setBroken(false);
          setUrl(made);
        },
        () => !isGone && setBroken(true),
      ),
      console,
    );
    return () => {
      isGone = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [blob, pixels, most]);
  if (isBroken) return <p className="logged-note">This image can’t be read. It may be incomplete.</p>;
  return (
    <div className="logged-image" style={{ height }}>
      {url !== undefined && (
        <img
          src={url}
          alt={name}
          className={isSmall ? 'is-small' : undefined}
          onError={() => setBroken(true)}
          // Few pixels are shown as they are, not blurred.
          onLoad={({ currentTarget }) => setSmall(Math.max(currentTarget.naturalWidth, currentTarget.naturalHeight) <= 160)}
        />
      )}
    </div>
  );
}
