import { execFile } from 'node:child_process';

/** Looks at graphics processors through the vendor's own program: NVIDIA's, AMD's or, on a Mac, the system's. */
export interface Gpus {
  /** `gpu_0_utilization_percentage` and so on; empty where there is none. */
  read(): Promise<Record<string, number>>;
}

/** Runs a program and answers what it printed; rejects when it is not there or fails. */
export type RunProgram = (program: string, args: string[]) => Promise<string>;

interface Vendor {
  program: string;
  args: string[];
  parse: (text: string) => Record<string, number>;
}

const megabyte = 1_000_000;
const mebibyte = 1024 * 1024;

export const vendors: Record<'nvidia' | 'amd' | 'apple', Vendor> = {
  nvidia: {
    program: 'nvidia-smi',
    args: ['--query-gpu=index,utilization.gpu,memory.used,memory.total,power.draw,power.limit', '--format=csv,noheader,nounits'],
    parse: (text) => {
      const found: Record<string, number> = {};
      for (const line of text.trim().split('\n')) {
        const [index, use, memory, total, watts, most] = line.split(',').map((each) => Number(each.trim()));
        if (!Number.isInteger(index)) continue;
        Object.assign(found, gpu(index!, { use, memory: memory! * mebibyte, total: total! * mebibyte, watts, most }));
      }
      return found;
    },
  },
  amd: {
    program: 'rocm-smi',
    args: ['--showuse', '--showmeminfo', 'vram', '--showpower', '--json'],
    parse: (text) => {
      const found: Record<string, number> = {};
      const cards = Object.entries(JSON.parse(text) as Record<string, Record<string, string>>).filter(([name]) => /^card\d+$/.test(name));
      for (const [name, facts] of cards) {
        const fact = (pattern: RegExp) => Number(Object.entries(facts).find(([key]) => pattern.test(key))?.[1]);
        Object.assign(
          found,
          gpu(Number(name.slice(4)), {
            use: fact(/^GPU use/i),
            memory: fact(/^VRAM Total Used/i),
            total: fact(/^VRAM Total Memory/i),
            watts: fact(/Graphics Package Power/i),
            most: undefined,
          }),
        );
      }
      return found;
    },
  },
  apple: {
    program: 'ioreg',
    args: ['-r', '-d', '1', '-w', '0', '-c', 'IOAccelerator'],
    parse: (text) => {
      const found: Record<string, number> = {};
      for (const [index, match] of [...text.matchAll(/"PerformanceStatistics" = \{([^}]*)\}/g)].entries()) {
        const fact = (name: string) => Number(new RegExp(`"${name}"=(\\d+)`).exec(match[1]!)?.[1]);
        Object.assign(
          found,
          gpu(index, {
            use: fact('Device Utilization %'),
            memory: fact('In use system memory'),
            total: undefined,
            watts: undefined,
            most: undefined,
          }),
        );
      }
      return found;
    },
  },
};

interface Told {
  use: number | undefined;
  memory: number | undefined;
  total: number | undefined;
  watts: number | undefined;
  most: number | undefined;
}

/** What is not told stays out: some cards have no power meter. */
function gpu(index: number, { use, memory, total, watts, most }: Told): Record<string, number> {
  const all: Record<string, number | undefined> = {
    utilization_percentage: use,
    memory_usage_megabytes: memory && memory / megabyte,
    memory_usage_percentage: memory && total && (100 * memory) / total,
    power_usage_watts: watts,
    power_usage_percentage: watts && most && (100 * watts) / most,
  };
  return Object.fromEntries(
    Object.entries(all)
      .filter((entry): entry is [string, number] => entry[1] !== undefined && Number.isFinite(entry[1]))
      .map(([name, value]) => [`gpu_${index}_${name}`, value]),
  );
}

/** Finds out at the first look whose program is there, and asks only that one from then on. */
export function gpuProbe(run: RunProgram, platform: NodeJS.Platform = process.platform): Gpus {
  let candidates = platform === 'darwin' ? [vendors.apple] : [vendors.nvidia, vendors.amd];
  return {
    async read() {
      for (const vendor of candidates) {
        try {
          const found = vendor.parse(await run(vendor.program, vendor.args));
          candidates = Object.keys(found).length ? [vendor] : [];
          return found;
        } catch {
          candidates = candidates.filter((each) => each !== vendor);
        }
      }
      return {};
    },
  };
}

/** Milliseconds: a driver in trouble must not hold anything up. */
const patience = 5000;

export function programs(environment: Record<string, string>): RunProgram {
  return (program, args) =>
    new Promise((resolve, reject) => {
      execFile(program, args, { env: environment, timeout: patience, windowsHide: true }, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });
}
