/** An npm package at a place below the engine's folder. */
export interface EnginePackage {
  /** `node_modules/NAME`, with `/` on every system. */
  path: string;
  name: string;
  version: string;
  /** As in npm's own lock files: `sha512-BASE64` of the tarball. Absent: the registry is asked, as npm does where there is no lock. */
  integrity?: string;
  /** Of the tarball. Absent where the hash is. */
  bytes?: number;
  /** Of a package with compiled code for every system: of what lies in the folder `of`, only what lies in the folder `only` is unpacked. Both end with `/`. */
  unpacked?: { of: string; only: string };
}

/** All that makes up an engine. Written by `scripts/lockEngine.ts`. */
export interface PackageLock {
  engine: string;
  version: string;
  packages: EnginePackage[];
  /** Compiled code, one package a system and kind of GPU: `linux-x64`, `linux-x64-cuda`, `mac-arm64-metal`. */
  natives: Record<string, EnginePackage>;
}
